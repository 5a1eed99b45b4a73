package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.iface.fragment.Reassembly;
import io.millrace.stack.iface.fragment.ReassemblyLimits;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.ReplyLimit;
import io.millrace.stack.socket.icmp.IcmpEngine;
import io.millrace.stack.socket.raw.RawEngine;
import io.millrace.stack.socket.tcp.TcpEngine;
import io.millrace.stack.socket.udp.UdpEngine;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.VlanView;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * The way in: takes bursts of packets from ports, keeps what is for this station and sends it up. Each packet is
 * answered, delivered or dropped under one name; its buffer is freed unless someone took it over.
 */
public final class Ingress {
    /** ARP replies and neighbour advertisements for each second, and as many at once. */
    private static final int NEIGHBOR_REPLIES = 1_000;

    private final PacketStore packets;
    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final Consumer<Throwable> failures;
    private final IpLayer ipLayer;
    private final Arp arp;
    private final IcmpErrors errors;
    private final Reassembly reassembly;
    private final Forwarding forwarding;
    private final IngressV4 v4;
    private final IngressV6 v6;
    private final NextHopFailures nextHopFailures;
    private final Inbound packet = new Inbound();
    private final long[] burst;
    private final LookAhead lookAhead;

    /**
     * Makes one.
     *
     * @param burst most packets that one poll takes from an interface
     * @param errorsPerSecond most ICMP errors sent each second
     * @param errorBurst most ICMP errors sent at once
     * @param reassemblyLimits bounds of what is held of fragments
     * @param failures gets exceptions, which are bugs
     */
    public Ingress(
            final IpLayer ipLayer,
            final UdpEngine udp,
            final IcmpEngine icmp,
            final TcpEngine tcp,
            final RawEngine raw,
            final int burst,
            final int errorsPerSecond,
            final int errorBurst,
            final ReassemblyLimits reassemblyLimits,
            final Entropy entropy,
            final Counters<StackCounter> counters,
            final Consumer<Throwable> failures) {
        this.packets = ipLayer.packets();
        this.memory = ipLayer.memory();
        this.counters = counters;
        this.failures = failures;
        this.ipLayer = ipLayer;
        this.burst = new long[burst];
        this.lookAhead = new LookAhead(ipLayer.pool(), ipLayer.routing().table(), burst);
        this.errors = new IcmpErrors(ipLayer, counters, new ReplyLimit(errorsPerSecond, errorBurst, entropy));
        this.nextHopFailures = new NextHopFailures(ipLayer, errors);
        final Transports transports = new Transports(ipLayer, errors, udp, icmp, tcp, raw, counters);
        final ReplyLimit replies = new ReplyLimit(NEIGHBOR_REPLIES, NEIGHBOR_REPLIES, entropy);
        this.arp = new Arp(memory, counters, replies);
        this.forwarding = new Forwarding(ipLayer, errors, entropy, counters);
        this.reassembly = new Reassembly(packets, reassemblyLimits, entropy, counters);
        final Redirects redirects = new Redirects(ipLayer, forwarding, counters);
        this.v4 = new IngressV4(ipLayer, counters, errors, transports, forwarding, reassembly, redirects);
        final Ndp ndp = new Ndp(counters, replies, redirects);
        this.v6 = new IngressV6(ipLayer, counters, errors, ndp, transports, forwarding, reassembly);
    }

    /** Lets an interface tell the sources of packets that it could not deliver. */
    public void serve(final Link link) {
        link.onUnreachable(nextHopFailures);
        link.router(forwarding.enabled());
    }

    /** Changes whether and how packets for others are forwarded. */
    public void forwarding(final ForwardingRules rules) {
        forwarding.rules(rules);
        final Routing routing = ipLayer.routing();
        for (int i = 0; i < routing.linkCount(); i++) {
            routing.link(i).router(rules.enabled());
        }
    }

    /** Receives a burst from an interface; returns how many packets it took. */
    public int poll(final Link link, final long now) {
        final int count = link.receive(burst, burst.length, now);
        if (count > 1 && forwarding.enabled()) {
            lookAhead.lookUp(burst, count, link.headerLength());
        }
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            final int length = BufferHeader.length(memory, burst[i]);
            bytes += length;
            receive(link, burst[i], length, false, now);
        }
        counters.add(StackCounter.RX_BYTES, bytes);
        counters.add(StackCounter.RX_PACKETS, count);
        return count;
    }

    /** Receives what this stack sent to itself before this call, at most a burst; returns how many packets it took. */
    public int pollLocal(final long now) {
        final LocalQueue self = ipLayer.local();
        final int count = Math.min(self.size(), burst.length);
        for (int i = 0; i < count; i++) {
            final long handle = self.poll();
            receive(self.link(handle), handle, packets.length(handle), true, now);
        }
        return count;
    }

    private void receive(final Link link, final long handle, final int length, final boolean local, final long now) {
        packet.handle = handle;
        packet.memory = packets.memory(handle);
        packet.reassembled = false;
        packet.whole = PacketPool.NONE;
        packet.now = now;
        packet.local = local;
        packet.ip.trusted = local
                ? ipLayer.local().trusted(handle)
                : link.receiveChecksums().trusted(handle);
        ipLayer.receiving(handle);
        boolean taken = false;
        try {
            final long offset = packets.dataOffset(handle);
            final boolean bare = local || link.headerLength() == 0;
            taken = bare ? ip(link, offset, length) : ethernet(link, offset, length);
        } catch (final RuntimeException e) {
            // A bug, not bad input; the shard goes on, and whoever runs it hears of it.
            counters.increment(StackCounter.RX_FAILED);
            failures.accept(e);
        }
        if (!taken && ipLayer.stillReceived()) {
            packets.free(handle);
        }
        if (packet.whole != PacketPool.NONE) {
            receiveWhole(link, packet.whole);
        }
    }

    /** Receives what the last packet completed, with the same checks as every other packet. */
    private void receiveWhole(final Link link, final long handle) {
        packet.handle = handle;
        packet.memory = packets.memory(handle);
        packet.reassembled = true;
        packet.whole = PacketPool.NONE;
        packet.ipOffset = packets.dataOffset(handle);
        packet.linkOffset = packet.ipOffset; // that of which fragment?
        packet.ipLength = packets.length(handle);
        // What the device said was about the last fragment.
        packet.ip.trusted = link.receiveChecksums().trusted();
        ipLayer.receiving(handle);
        boolean taken = false;
        try {
            taken = packet.ip.family == IpFamily.V4 ? v4.receive(link, packet) : v6.receive(link, packet);
        } catch (final RuntimeException e) {
            counters.increment(StackCounter.RX_FAILED);
            failures.accept(e);
        }
        if (!taken && ipLayer.stillReceived()) {
            packets.free(handle);
        }
    }

    /** Gives up datagrams whose fragments did not all come in time, and tells their senders. Returns how many it told. */
    public int pollReassembly(final long now) {
        int told = 0;
        long first = reassembly.pollExpired(now);
        while (first != PacketPool.NONE) {
            packet.now = now;
            packet.memory = packets.memory(first);
            packet.ipOffset = packets.dataOffset(first);
            packet.ipLength = packets.length(first);
            tellExpired(ipLayer.link(reassembly.expiredInterface()));
            packets.free(first);
            first = ++told < burst.length ? reassembly.pollExpired(now) : PacketPool.NONE;
        }
        return told;
    }

    /** What is held of fragments. */
    public Reassembly reassembly() {
        return reassembly;
    }

    private void tellExpired(final Link link) {
        final IpRepr ip = packet.ip;
        final boolean isV4 = Ipv4View.version(packet.memory, packet.ipOffset) == IpFamily.V4;
        if (isV4) {
            ip.readIpv4(packet.memory, packet.ipOffset);
        } else {
            ip.readIpv6(packet.memory, packet.ipOffset);
        }
        ip.interfaceIndex = link.index();
        packet.linkGroup = false;
        // A router has all its addresses at every interface; what it took for others is not told of.
        packet.group = !ipLayer.isLocalAddress(ip.family, ip.dstHi, ip.dstLo);
        errors.reassemblyTimeExceeded(packet);
    }

    private boolean ethernet(final Link link, final long offset, final int length) {
        if (length < EthernetView.LENGTH) {
            return drop(StackCounter.RX_FRAME_SHORT);
        }
        final long dst = EthernetView.dst(memory, offset);
        if (!link.listensTo(dst)) {
            return drop(StackCounter.RX_OTHER_STATION);
        }
        final long srcAndType = EthernetView.srcAndType(memory, offset);
        final long src = srcAndType >>> 16;
        if (MacAddress.isMulticast(src)) {
            return drop(StackCounter.RX_BAD_SOURCE_MAC);
        }
        packet.linkSource = src;
        packet.linkGroup = MacAddress.isMulticast(dst);
        if (link.vlan().tags() > 0) {
            return tagged(link, offset, length);
        }
        final int type = (int) srcAndType & 0xFFFF;
        return VlanView.isTag(type)
                ? tagged(link, offset, length)
                : payload(link, type, offset, EthernetView.LENGTH, length);
    }

    private boolean tagged(final Link link, final long offset, final int length) {
        final int headerLength = link.vlan().headerLength(memory, offset, length);
        if (headerLength < 0) {
            return drop(
                    headerLength == VlanFilter.TRUNCATED ? StackCounter.RX_FRAME_SHORT : StackCounter.RX_OTHER_VLAN);
        }
        return payload(link, Net.u16(memory, offset + headerLength - 2), offset, headerLength, length);
    }

    private boolean payload(
            final Link link, final int type, final long offset, final int headerLength, final int length) {
        packet.linkOffset = offset;
        packet.ipOffset = offset + headerLength;
        packet.ipLength = length - headerLength;
        return switch (type) {
            case EthernetView.TYPE_IPV4 -> v4.receive(link, packet);
            case EthernetView.TYPE_IPV6 -> v6.receive(link, packet);
            case EthernetView.TYPE_ARP -> {
                arp.receive(link, packet.ipOffset, packet.ipLength, packet.linkGroup, packet.now);
                yield false;
            }
            default ->
                drop(type < EthernetView.MIN_TYPE ? StackCounter.RX_LENGTH_FRAME : StackCounter.RX_UNKNOWN_ETHER_TYPE);
        };
    }

    private boolean ip(final Link link, final long offset, final int length) {
        packet.linkGroup = false;
        packet.linkOffset = offset;
        packet.ipOffset = offset;
        packet.ipLength = length;
        if (length < Ipv4View.MIN_LENGTH) {
            return drop(StackCounter.IPV4_TRUNCATED);
        }
        return switch (Net.u8(packet.memory, offset) >>> 4) {
            case IpFamily.V4 -> v4.receive(link, packet);
            case IpFamily.V6 -> v6.receive(link, packet);
            default -> drop(StackCounter.RX_BAD_IP_VERSION);
        };
    }

    private boolean drop(final StackCounter reason) {
        counters.increment(reason);
        return false;
    }

    /** Smallest MTU that a family allows: 68 (RFC 791) or 1280 bytes (RFC 8200 section 5). */
    public static int minMtu(final int family) {
        return family == IpFamily.V4 ? 68 : Ipv6View.MIN_MTU;
    }
}
