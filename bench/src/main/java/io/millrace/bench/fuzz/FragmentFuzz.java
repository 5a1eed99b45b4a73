package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.Stack;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.fragment.ReassemblyLimits;
import io.millrace.stack.socket.raw.RawPacket;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;

/**
 * Fragments of a few datagrams from a few sources, of both families, with their places, lengths and order as the engine
 * likes it. A frame of the engine's is four bytes: which datagram, place (two), length. What a datagram holds follows
 * from its identification, so that one that comes out whole must hold that and nothing else.
 */
public final class FragmentFuzz {
    private static final int FRAME = 4;
    private static final int MORE = 0x20;
    private static final int FAR = 0x40;
    private static final int ODD = 0x80;
    private static final int PROTOCOL = 253;
    private static final int IDS = 4;

    /** So little that it runs out. */
    private static final ReassemblyLimits LIMITS = new ReassemblyLimits(128 << 10, 64 << 10, 8, 32);

    private FragmentFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        run(input);
    }

    /** Feeds one input and gives what the stack counted. */
    static Counters<StackCounter> run(final byte[] input) {
        return new FuzzedStack(Medium.IP)
                .limits(LIMITS)
                .completion(FragmentFuzz::complete)
                .sockets(FragmentFuzz::open)
                .check(FragmentFuzz::check)
                .feed(input);
    }

    private static void open(final Stack stack) {
        stack.openRaw(RawSocket.ANY, PROTOCOL, (socket, packet) -> verify(packet));
    }

    private static void check(final Stack stack) {
        if (stack.bytesInReassembly() > LIMITS.bytes()) {
            throw new AssertionError(stack.bytesInReassembly() + " bytes are held for reassembly");
        }
    }

    private static void verify(final RawPacket packet) {
        for (int id = 0; id < IDS; id++) {
            int same = 0;
            while (same < packet.payloadLength()
                    && Net.u8(packet.memory(), packet.payloadOffset() + same) == content(id, same)) {
                same++;
            }
            if (same == packet.payloadLength()) {
                return;
            }
        }
        throw new AssertionError("a datagram of " + packet.payloadLength() + " bytes is of several");
    }

    /** A byte of a datagram; no two of them are the same over eight bytes. */
    private static int content(final int id, final int place) {
        return (place * 31 + (place >>> 8) * 7 + id * 61) & 0xFF;
    }

    private static int complete(final MemorySegment memory, final long offset, final int length, final int room) {
        if (length < FRAME) {
            return 0;
        }
        final int which = Net.u8(memory, offset);
        final int id = which >>> 1 & IDS - 1;
        final int source = 2 + (which >>> 3 & 3);
        final boolean v4 = (which & 1) == 0;
        final boolean more = (which & MORE) != 0;
        // Near places meet each other, far ones are beyond what a packet may hold.
        final int place = (Net.u16(memory, offset + 1) & ((which & FAR) == 0 ? 0x3F : 0x1FFF)) * 8;
        final int header = v4 ? Ipv4View.MIN_LENGTH : Ipv6View.LENGTH + Ipv6ExtensionView.UNIT;
        final int units = Net.u8(memory, offset + 3) * 8 + ((which & ODD) == 0 ? 0 : 3);
        final int payload = Math.min(units, room - header & ~7);
        if (v4) {
            final int flags = place / 8 | (more ? Ipv4View.MORE_FRAGMENTS : 0);
            Ipv4View.write(
                    memory,
                    offset,
                    0,
                    header + payload,
                    id + 1,
                    flags,
                    64,
                    PROTOCOL,
                    FuzzedStack.address(IpFamily.V4, source),
                    FuzzedStack.address(IpFamily.V4, 1));
        } else {
            Ipv6View.write(
                    memory,
                    offset,
                    0,
                    0,
                    Ipv6ExtensionView.UNIT + payload,
                    Ipv6ExtensionView.FRAGMENT,
                    64,
                    FuzzedStack.PREFIX_V6,
                    source,
                    FuzzedStack.PREFIX_V6,
                    1);
            Ipv6ExtensionView.writeFragment(memory, offset + Ipv6View.LENGTH, PROTOCOL, place, more, id + 1);
        }
        for (int i = 0; i < payload; i++) {
            Net.put8(memory, offset + header + i, content(id, place + i));
        }
        return header + payload;
    }
}
