package io.millrace.stack.pair;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.Bytes;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.text.PacketText;
import io.millrace.testkit.Frames;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A link on the way to one of two ends: what is longer than it carries is gone, and its sender hears of that from a router,
 * or does not.
 */
final class PairPath implements PortQueue {
    static final String ROUTER4 = "192.0.2.254";
    static final String ROUTER6 = "2001:db8::fe";

    /** Of a packet of which as much is quoted as there is room for; enough for TCP. */
    private static final int QUOTED = 200;

    private static final int ETHERNET = 14;
    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int CONGESTED = 3;

    private final PortQueue queue;
    private final PoolCache cache;
    private final PacketPool pool;
    private final int header;
    private final SplittableRandom random;
    private final ArrayDeque<byte[]> reports = new ArrayDeque<>();

    /** The other direction, whose end sends what comes here. */
    @Nullable
    PairPath sender;

    /** Longest IP packet that it carries. */
    int mtu = Integer.MAX_VALUE;

    /** Whether the sender hears of packets that are too long. */
    boolean tells;

    /** Share of the packets that may be marked which a congested router marks, 0 to 1. */
    double marks;

    /** How many it marked. */
    int marked;

    /** Hears of packets that arrive; null for nobody. */
    @Nullable
    Consumer<Object> told;

    /** Made text only if somebody reads it. */
    private static final class Packet {
        private final byte[] bytes;
        private final Medium medium;

        Packet(final byte[] bytes, final Medium medium) {
            this.bytes = bytes;
            this.medium = medium;
        }

        @Override
        public String toString() {
            return PacketText.of(Frames.ofBytes(bytes), 0, bytes.length, medium);
        }
    }

    PairPath(final PortQueue queue, final PoolCache cache, final Medium medium, final SplittableRandom random) {
        this.queue = queue;
        this.cache = cache;
        this.pool = cache.pool();
        this.random = random;
        this.header = medium == Medium.ETHERNET ? ETHERNET : 0;
    }

    /** When something that a router says arrives. */
    long nextArrival() {
        return reports.isEmpty() ? Long.MAX_VALUE : 0;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        if (!reports.isEmpty()) {
            final byte[] report = reports.remove();
            if (pool.available() == 0) {
                return 0; // lost, as whatever comes then
            }
            handles[0] = Frames.packet(cache, Frames.ofBytes(report));
            return 1;
        }
        final int count = queue.receive(handles, max, nowMicros);
        int kept = 0;
        for (int i = 0; i < count; i++) {
            mark(handles[i]);
            if (carries(handles[i])) {
                handles[kept++] = handles[i];
            } else {
                cache.free(handles[i]);
            }
        }
        return kept;
    }

    private boolean carries(final long handle) {
        final Consumer<Object> listener = told;
        if (mtu == Integer.MAX_VALUE && listener == null) {
            return true;
        }
        final byte[] frame = Frames.bytes(pool, handle);
        if (listener != null) {
            listener.accept(new Packet(frame, header == 0 ? Medium.IP : Medium.ETHERNET));
        }
        if (frame.length - header <= mtu) {
            return true;
        }
        if (tells && sender != null) {
            sender.reports.add(report(frame));
        }
        return false;
    }

    /** Marks a packet that may be marked (RFC 3168 section 5), at times. */
    private void mark(final long handle) {
        if (marks == 0 || random.nextDouble() >= marks) {
            return;
        }
        final MemorySegment memory = pool.memory();
        final long ip = pool.dataOffset(handle) + header;
        final int head = Net.u16(memory, ip);
        final boolean v4 = head >>> 12 == 4;
        final int codePoint = head >>> (v4 ? 0 : 4) & CONGESTED;
        if ((!v4 && head >>> 12 != 6) || codePoint == 0 || codePoint == CONGESTED) {
            return;
        }
        final int after = head | CONGESTED << (v4 ? 0 : 4);
        Net.put16(memory, ip, after);
        if (v4) {
            final long checksum = ip + Ipv4View.CHECKSUM_OFFSET;
            Net.put16(memory, checksum, InternetChecksum.update16(Net.u16(memory, checksum), head, after));
        }
        marked++;
    }

    private byte[] report(final byte[] frame) {
        final byte[] quoted = Arrays.copyOfRange(frame, header, header + QUOTED);
        final byte[] packet;
        if (quoted[0] >>> 4 == 4) {
            final String to = text(quoted, 12, 4);
            packet = Bytes.ipv4(ROUTER4, to, 1, Bytes.icmpv4(3, FRAGMENTATION_NEEDED, mtu, quoted));
        } else {
            final String to = text(quoted, 8, 16);
            packet = Bytes.ipv6(ROUTER6, to, 58, Bytes.icmpv6(ROUTER6, to, 2, 0, mtu, quoted));
        }
        if (header == 0) {
            return packet;
        }
        final byte[] link = Arrays.copyOf(frame, header);
        System.arraycopy(frame, 6, link, 0, 6);
        System.arraycopy(frame, 0, link, 6, 6);
        return Bytes.join(link, packet);
    }

    private static String text(final byte[] packet, final int offset, final int length) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i += length == 4 ? 1 : 2) {
            text.append(i == 0 ? "" : length == 4 ? "." : ":");
            text.append(
                    length == 4
                            ? Integer.toString(packet[offset + i] & 0xFF)
                            : Integer.toHexString(Bytes.u16(packet, offset + i)));
        }
        return text.toString();
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        return queue.transmit(handles, from, count, nowMicros);
    }
}
