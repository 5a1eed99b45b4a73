package io.millrace.testkit;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** TCP packets for a device to cut, in chains of buffers, and what is right about the segments that come of them. */
public final class LongPackets {
    /** Bytes of the headers over IPv4 and IPv6: Ethernet, IP, TCP without options. */
    private static final int HEADERS_V4 = 14 + 20 + 20;

    private static final int HEADERS_V6 = 14 + 40 + 20;
    private static final int SEQUENCE = 0xFFFF_FFF0;

    private LongPackets() {}

    /**
     * A packet with CWR, ACK, PSH and FIN; its payload counts up.
     *
     * @param payload bytes of payload
     * @param segment bytes of payload that each segment is to have
     */
    public static long create(final PoolCache cache, final boolean v4, final int payload, final int segment) {
        final PacketPool pool = cache.pool();
        final MemorySegment memory = pool.memory();
        final long first = cache.allocate();
        final int headers = headers(v4);
        final long at = pool.dataOffset(first);
        for (int i = 0; i < headers; i++) {
            Net.put8(memory, at + i, 0);
        }
        Net.put16(memory, at + 12, v4 ? 0x0800 : 0x86DD);
        final long ip = at + 14;
        if (v4) {
            Net.put32(memory, ip, 0x4500_0000 | headers - 14 + payload);
            Net.put32(memory, ip + 4, 0xFFFF_4000);
            Net.put32(memory, ip + 8, 0x4006_0000);
            Net.put32(memory, ip + 12, 0xC000_0201);
            Net.put32(memory, ip + 16, 0xC000_0202);
        } else {
            Net.put32(memory, ip, 0x6000_0000);
            Net.put32(memory, ip + 4, (payload + 20) << 16 | 0x0640);
            Net.put64(memory, ip + 8, 0x2001_0DB8_0000_0000L);
            Net.put64(memory, ip + 24, 0x2001_0DB8_0000_0001L);
        }
        final long tcp = at + headers - 20;
        Net.put32(memory, tcp, 0x0050_C000);
        Net.put32(memory, tcp + 4, SEQUENCE);
        Net.put16(memory, tcp + 12, 0x5099);
        int done = Math.min(payload, pool.dataRoom() - pool.headroom() - headers);
        count(memory, at + headers, 0, done);
        BufferHeader.length(memory, first, headers + done);
        for (long last = first; done < payload; ) {
            final long next = cache.allocate();
            final int piece = Math.min(payload - done, pool.dataRoom());
            BufferHeader.dataOff(memory, next, 0);
            BufferHeader.length(memory, next, piece);
            count(memory, pool.dataOffset(next), done, piece);
            BufferChain.append(memory, first, last, next);
            last = next;
            done += piece;
        }
        OffloadFlags.lengths(memory, first, 14, v4 ? 20 : 40);
        OffloadFlags.transport(memory, first, 20, segment);
        BufferHeader.offloadFlags(
                memory,
                first,
                OffloadFlags.TX_TCP | OffloadFlags.TX_SEGMENT | (v4 ? OffloadFlags.TX_IPV4 : OffloadFlags.TX_IPV6));
        return first;
    }

    /** Bytes of all headers. */
    public static int headers(final boolean v4) {
        return v4 ? HEADERS_V4 : HEADERS_V6;
    }

    private static void count(final MemorySegment memory, final long at, final int from, final int count) {
        for (int i = 0; i < count; i++) {
            memory.set(ValueLayout.JAVA_BYTE, at + i, (byte) (from + i));
        }
    }

    /**
     * What is wrong with a segment; empty if nothing is.
     *
     * @param frame its bytes
     * @param from number of its first byte of payload
     * @param length of its payload
     * @param last whether it is the last one
     */
    public static String judge(
            final byte[] frame, final boolean v4, final int from, final int length, final boolean last) {
        final int headers = headers(v4);
        final int tcp = headers - 20;
        final StringBuilder wrong = new StringBuilder();
        note(wrong, frame.length == headers + length, "length " + frame.length);
        note(wrong, (v4 ? u16(frame, 16) : 40 + u16(frame, 18)) == headers - 14 + length, "length in the IP header");
        note(wrong, v4 ? sum(frame, 14, 20, 0) == 0xFFFF : true, "checksum of the IP header");
        final long pseudo = length + 20L + 6;
        final int addresses = v4 ? 26 : 22;
        note(wrong, sum(frame, addresses, frame.length - addresses, pseudo) == 0xFFFF, "checksum of TCP");
        note(wrong, (u16(frame, tcp + 4) << 16 | u16(frame, tcp + 6)) == SEQUENCE + from, "sequence number");
        final int flags = frame[tcp + 13] & 0xFF;
        note(wrong, flags == (0x10 | (from == 0 ? 0x80 : 0) | (last ? 0x09 : 0)), "flags " + flags);
        boolean same = true;
        for (int i = headers; i < frame.length; i++) {
            same &= frame[i] == (byte) (from + i - headers);
        }
        note(wrong, same, "payload");
        return wrong.toString();
    }

    private static void note(final StringBuilder wrong, final boolean right, final String what) {
        wrong.append(right ? "" : what + "; ");
    }

    private static int u16(final byte[] bytes, final int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    private static int sum(final byte[] bytes, final int from, final int length, final long start) {
        long sum = start;
        for (int i = 0; i < length; i++) {
            sum += (bytes[from + i] & 0xFFL) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum > 0xFFFF) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (int) sum;
    }
}
