package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.Stack;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;

/**
 * Packets for others into a router, of both families: options of IPv4 and hop-by-hop options as the engine likes them,
 * fragments, packets that are too long for the next link or have gone too far, destinations with a route and without. A
 * frame of the engine's is three bytes, kind, destination and length, and what stands behind the fixed header. Raw
 * sockets ask for some of the router alerts.
 */
public final class ForwardingFuzz {
    private static final int FRAME = 3;
    private static final int V6 = 1;
    private static final int OPTIONS = 2;
    private static final int NO_FRAGMENTS = 4;
    private static final int MORE = 8;
    private static final int PLACE = 16;
    private static final int LAST_HOP = 32;

    /** Upper half of the IPv6 addresses behind the second interface. */
    private static final long BEYOND_V6 = FuzzedStack.PREFIX_V6 | 0x1_0000;

    private static final long BEYOND_V4 = 0xC633_6400L;
    private static final long ELSEWHERE_V4 = 0xCB00_7100L;
    private static final int MAX_OPTIONS = 40;

    private ForwardingFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        run(input);
    }

    /** Feeds one input and gives what the stack counted. */
    static Counters<StackCounter> run(final byte[] input) {
        return new FuzzedStack(Medium.IP)
                .router()
                .completion(ForwardingFuzz::complete)
                .sockets(ForwardingFuzz::open)
                .feed(input);
    }

    private static void open(final Stack stack) {
        for (final int value : new int[] {0, 1}) {
            final RawSocket socket = stack.openRaw(RawSocket.ANY, RawSocket.ANY, null);
            socket.routerAlert(value);
        }
    }

    private static int complete(final MemorySegment memory, final long offset, final int length, final int room) {
        if (length < FRAME) {
            return 0;
        }
        final int which = Net.u8(memory, offset);
        final int host = Net.u8(memory, offset + 1);
        final int payload = Net.u8(memory, offset + 2) * 8;
        final int rest = length - FRAME;
        return (which & V6) == 0
                ? ipv4(memory, offset, which, host, rest, Math.min(payload, room - 100))
                : ipv6(memory, offset, which, host, rest, Math.min(payload, room - 100));
    }

    private static int ipv4(
            final MemorySegment memory,
            final long offset,
            final int which,
            final int host,
            final int rest,
            final int payload) {
        final int options = (which & OPTIONS) == 0 ? 0 : Math.min(rest, MAX_OPTIONS) & ~3;
        final int header = Ipv4View.MIN_LENGTH + options;
        move(memory, offset, offset + Ipv4View.MIN_LENGTH, rest, header + payload - Ipv4View.MIN_LENGTH);
        final long beyond = (host & 0x80) == 0 ? BEYOND_V4 : ELSEWHERE_V4;
        Ipv4View.write(
                memory,
                offset,
                0,
                header + payload,
                host,
                fragment(which) / 8
                        | ((which & MORE) == 0 ? 0 : Ipv4View.MORE_FRAGMENTS)
                        | ((which & NO_FRAGMENTS) == 0 ? 0 : Ipv4View.DONT_FRAGMENT),
                (which & LAST_HOP) == 0 ? 64 : 1,
                UdpView.PROTOCOL,
                FuzzedStack.address(IpFamily.V4, 2),
                beyond | (host & 0x7F));
        Ipv4View.headerLength(memory, offset, header);
        Net.put16(memory, offset + Ipv4View.CHECKSUM_OFFSET, 0);
        Ipv4View.complete(memory, offset, header + payload, 0);
        return header + payload;
    }

    private static int ipv6(
            final MemorySegment memory,
            final long offset,
            final int which,
            final int host,
            final int rest,
            final int payload) {
        final boolean options = (which & OPTIONS) != 0;
        final boolean fragment = (which & (MORE | PLACE)) != 0;
        final int header = Ipv6View.LENGTH + (fragment ? Ipv6ExtensionView.UNIT : 0);
        move(memory, offset, offset + header, rest, payload);
        final int first = options ? Ipv6ExtensionView.HOP_BY_HOP : UdpView.PROTOCOL;
        Ipv6View.write(
                memory,
                offset,
                0,
                0,
                header - Ipv6View.LENGTH + payload,
                fragment ? Ipv6ExtensionView.FRAGMENT : first,
                (which & LAST_HOP) == 0 ? 64 : 1,
                FuzzedStack.PREFIX_V6,
                2,
                (host & 0x80) == 0 ? BEYOND_V6 : BEYOND_V6 << 1,
                host & 0x7F);
        if (fragment) {
            Ipv6ExtensionView.writeFragment(
                    memory, offset + Ipv6View.LENGTH, first, fragment(which), (which & MORE) != 0, host);
        }
        return header + payload;
    }

    private static int fragment(final int which) {
        return (which & PLACE) == 0 ? 0 : 64;
    }

    /** Brings the engine's bytes to their place, as many as the packet is to have, and clears what they do not reach. */
    private static void move(
            final MemorySegment memory, final long offset, final long to, final int rest, final int wanted) {
        final int moved = Math.min(rest, wanted);
        MemorySegment.copy(memory, offset + FRAME, memory, to, moved);
        memory.asSlice(to + moved, wanted - moved).fill((byte) 0);
    }
}
