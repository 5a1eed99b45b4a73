package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.counter.Counters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Memory for the records of a capture, on its way between the queue that fills it and the thread that writes it. */
final class CapturePiece {
    /** Bytes of one. */
    static final int SIZE = 1 << 18;

    final MemorySegment memory = Arena.ofAuto().allocate(SIZE, Long.BYTES);
    int used;
    int packets;
    long latestMicros;

    private final ByteBuffer bytes = memory.asByteBuffer();
    private @Nullable Counters<PcapCounter> counters;

    /** Begins it for a queue, whose counters will say what became of its packets. */
    void begin(final Counters<PcapCounter> ofQueue) {
        counters = ofQueue;
        used = 0;
        packets = 0;
    }

    /** Its records, to be read once. */
    ByteBuffer records() {
        return bytes.clear().limit(used);
    }

    /** Counts its packets where they belong. */
    void written(final boolean inFile) {
        if (counters != null) {
            counters.add(inFile ? PcapCounter.CAPTURED : PcapCounter.NOT_CAPTURED, packets);
        }
    }
}
