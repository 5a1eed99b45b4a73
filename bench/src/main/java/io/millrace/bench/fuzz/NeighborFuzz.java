package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.iface.neighbor.NeighborEntry;
import io.millrace.stack.iface.neighbor.NeighborState;
import io.millrace.stack.wire.ArpView;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;

/**
 * ARP and neighbour discovery from a few stations, with whatever options the engine likes, between datagrams that are to
 * be answered, so that neighbours are looked for. A frame of the engine's is two bytes, kind and stations, and what
 * stands behind the fixed part of a message.
 *
 * <p>What must hold besides: the table stays within its bounds, a neighbour set by hand stays as it was set, and nobody
 * can take our addresses.
 */
public final class NeighborFuzz {
    private static final int FRAME = 2;
    private static final int STATIC_HOST = 9;
    private static final int MOST = 16;
    private static final long STATION = 0x0200_0000_0010L;
    private static final long STATIC_MAC = 0x0200_0000_0009L;
    private static final long GROUP_MAC = 0x3333_0000_0001L;
    private static final long BROADCAST_MAC = 0xFFFF_FFFF_FFFFL;
    private static final long LINK_LOCAL = 0xFE80_0000_0000_0000L;
    private static final long ALL_NODES = 0xFF02_0000_0000_0000L;
    private static final int FIRST_TYPE = 133;
    private static final int ECHO_PORT = FuzzedStack.PORT;

    private static final IpRepr IP = new IpRepr();

    private NeighborFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        run(input);
    }

    /** Feeds one input and gives what the stack counted. */
    static Counters<StackCounter> run(final byte[] input) {
        return new FuzzedStack(Medium.ETHERNET)
                .duplicateDetection(DuplicateDetection.OFF)
                .completion(NeighborFuzz::complete)
                .sockets(stack -> {
                    final NetInterface own = stack.interfaces().getFirst();
                    own.addNeighbor(address(IpFamily.V4), new MacAddress(STATIC_MAC));
                    own.addNeighbor(address(IpFamily.V6), new MacAddress(STATIC_MAC));
                })
                .check(NeighborFuzz::check)
                .feed(input);
    }

    private static IpAddress address(final int family) {
        final long hi = family == IpFamily.V4 ? 0 : FuzzedStack.PREFIX_V6;
        return IpAddress.of(family, hi, FuzzedStack.address(family, STATIC_HOST));
    }

    private static void check(final Stack stack) {
        final NetInterface own = stack.interfaces().getFirst();
        int permanent = 0;
        int all = 0;
        for (final NeighborEntry entry : own.neighbors()) {
            all++;
            if (entry.state() == NeighborState.PERMANENT) {
                final MacAddress mac = entry.mac();
                permanent += mac != null && mac.value() == STATIC_MAC ? 1 : 0;
            }
        }
        if (permanent != 2 || all > MOST) {
            throw new AssertionError("the table of neighbours: " + own.neighbors());
        }
        if (own.addresses().size() != 3) {
            throw new AssertionError("our addresses: " + own.addresses());
        }
    }

    private static int complete(final MemorySegment memory, final long offset, final int length, final int room) {
        if (length < FRAME) {
            return 0;
        }
        final int kind = Net.u8(memory, offset) & 7;
        final int stations = Net.u8(memory, offset + 1);
        final int body = Math.min(length - FRAME, room - 128);
        final long station = STATION + (stations & 3);
        final long inside = offset + EthernetView.LENGTH;
        return switch (kind) {
            case 0 -> arp(memory, offset, inside, stations, station);
            case 1 -> data4(memory, offset, inside, stations, station);
            case 2 -> data6(memory, offset, inside, stations, station);
            default -> ndp(memory, offset, inside, kind, stations, station, body);
        };
    }

    private static int arp(
            final MemorySegment memory, final long offset, final long inside, final int stations, final long station) {
        final long destination = (stations & 0x20) == 0 ? BROADCAST_MAC : FuzzedStack.MAC;
        EthernetView.write(memory, offset, destination, station, EthernetView.TYPE_ARP);
        final long sender = FuzzedStack.address(IpFamily.V4, host(stations >>> 2 & 3));
        final long target = FuzzedStack.address(IpFamily.V4, (stations & 0x40) == 0 ? 1 : host(stations >>> 2 & 3));
        final int operation = (stations & 0x10) == 0 ? ArpView.REQUEST : ArpView.REPLY;
        ArpView.write(memory, inside, operation, station, sender, FuzzedStack.MAC, target);
        return EthernetView.LENGTH + ArpView.LENGTH;
    }

    /** Hosts of the network: ourselves, the one that is set by hand, and two others. */
    private static int host(final int index) {
        return switch (index) {
            case 0 -> 2;
            case 1 -> 3;
            case 2 -> STATIC_HOST;
            default -> 1;
        };
    }

    private static int data4(
            final MemorySegment memory, final long offset, final long inside, final int stations, final long station) {
        EthernetView.write(memory, offset, FuzzedStack.MAC, station, EthernetView.TYPE_IPV4);
        IP.family = IpFamily.V4;
        IP.srcHi = 0;
        IP.srcLo = FuzzedStack.address(IpFamily.V4, stations >>> 2);
        IP.dstHi = 0;
        IP.dstLo = FuzzedStack.address(IpFamily.V4, 1);
        final int total = Ipv4View.MIN_LENGTH + UdpView.LENGTH;
        Ipv4View.write(memory, inside, 0, total, 0, 0, 64, UdpView.PROTOCOL, IP.srcLo, IP.dstLo);
        UdpView.write(IP, memory, inside + Ipv4View.MIN_LENGTH, 9, ECHO_PORT, UdpView.LENGTH);
        return EthernetView.LENGTH + total;
    }

    private static int data6(
            final MemorySegment memory, final long offset, final long inside, final int stations, final long station) {
        EthernetView.write(memory, offset, FuzzedStack.MAC, station, EthernetView.TYPE_IPV6);
        header6(memory, inside, stations >>> 2, UdpView.LENGTH, UdpView.PROTOCOL, 64, false);
        UdpView.write(IP, memory, inside + Ipv6View.LENGTH, 9, ECHO_PORT, UdpView.LENGTH);
        return EthernetView.LENGTH + Ipv6View.LENGTH + UdpView.LENGTH;
    }

    private static void header6(
            final MemorySegment memory,
            final long inside,
            final int source,
            final int payload,
            final int protocol,
            final int hopLimit,
            final boolean toGroup) {
        IP.family = IpFamily.V6;
        final boolean nobody = source == 0;
        IP.srcHi = nobody ? 0 : (source & 1) == 0 ? FuzzedStack.PREFIX_V6 : LINK_LOCAL;
        IP.srcLo = nobody ? 0 : source;
        IP.dstHi = toGroup ? ALL_NODES : FuzzedStack.PREFIX_V6;
        IP.dstLo = 1;
        Ipv6View.write(memory, inside, 0, 0, payload, protocol, hopLimit, IP.srcHi, IP.srcLo, IP.dstHi, IP.dstLo);
    }

    /** A message of discovery: the engine's bytes are what is behind the target, that is the options. */
    private static int ndp(
            final MemorySegment memory,
            final long offset,
            final long inside,
            final int kind,
            final int stations,
            final long station,
            final int body) {
        final int type = FIRST_TYPE + kind - 3; // RS, RA, NS, NA, redirect
        final boolean toGroup = (stations & 0x40) != 0;
        final long at = inside + Ipv6View.LENGTH;
        // First the engine's bytes go to their place, since the headers are written over where they are.
        final int fixed = type == FIRST_TYPE ? 8 : type == FIRST_TYPE + 1 ? 16 : type == FIRST_TYPE + 4 ? 40 : 24;
        final int message = fixed + body;
        MemorySegment.copy(memory, offset + FRAME, memory, at + fixed, body);
        memory.asSlice(at, fixed).fill((byte) 0);
        IcmpView.typeAndCode(memory, at, type, 0);
        Net.put8(memory, at + 4, body > 0 ? Net.u8(memory, at + fixed) : 0); // flags
        if (fixed >= 24) {
            target(memory, at + 8, stations >>> 2 & 3);
        }
        if (fixed == 40) {
            target(memory, at + 24, stations >>> 4 & 3);
        }
        EthernetView.write(memory, offset, toGroup ? GROUP_MAC : FuzzedStack.MAC, station, EthernetView.TYPE_IPV6);
        final int hopLimit = (stations & 0x80) == 0 ? 255 : 254;
        header6(memory, inside, stations >>> 2 & 0xF, message, Icmpv6View.PROTOCOL, hopLimit, toGroup);
        Icmpv6View.seal(IP, memory, at, message);
        return EthernetView.LENGTH + Ipv6View.LENGTH + message;
    }

    private static void target(final MemorySegment memory, final long at, final int index) {
        Net.put64(memory, at, FuzzedStack.PREFIX_V6);
        Net.put64(memory, at + 8, host(index));
    }
}
