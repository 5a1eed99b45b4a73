package io.millrace.stack.iface.forward;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;

/** What a hop does to a header. */
public final class Hops {
    private Hops() {}

    /**
     * Takes one from the TTL of an IPv4 header, which must be 1 or more, and adds the difference to its checksum (RFC
     * 1624 equation 3), so that damage to the rest of the header stays visible.
     */
    public static void decrementTtl(final MemorySegment memory, final long offset) {
        final int word = Net.u16(memory, offset + Ipv4View.TTL_OFFSET);
        final int next = word - 0x100;
        int sum = (~Ipv4View.checksum(memory, offset) & 0xFFFF) + (~word & 0xFFFF) + next;
        sum = (sum & 0xFFFF) + (sum >>> 16);
        sum = (sum & 0xFFFF) + (sum >>> 16);
        Net.put32(memory, offset + Ipv4View.TTL_OFFSET, next << 16 | (~sum & 0xFFFF));
    }

    /** Takes one from the hop limit of an IPv6 header, which must be 1 or more. */
    public static void decrementHopLimit(final MemorySegment memory, final long offset) {
        // Next header and hop limit are the two bytes of one word.
        final int word = Net.u16(memory, offset + Ipv6View.NEXT_HEADER_OFFSET);
        Net.put16(memory, offset + Ipv6View.NEXT_HEADER_OFFSET, word - 1);
    }
}
