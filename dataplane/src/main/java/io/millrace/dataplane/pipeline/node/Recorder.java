package io.millrace.dataplane.pipeline.node;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.pcap.PcapCounter;
import io.millrace.dataplane.port.pcap.PcapFile;
import io.millrace.dataplane.port.pcap.PcapWriterQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Writes every packet to a capture and sends it on. Edge: {@code out}. The capture may be changed while packets flow;
 * none is lost or written twice by that. A packet that cannot be written goes on all the same, and is counted. What
 * {@link PcapCounter} names is counted here for all captures together; packets of the last second may not be in it yet.
 *
 * <p>The graph's thread copies packets to memory; the capture's own thread writes them.
 */
public final class Recorder extends Node {
    private static final long FLUSH_MICROS = 1_000_000;

    private final Edge out = edge("out");
    private final Shown shown = new Shown();
    private final PacketPool pool;
    private @Nullable PcapWriterQueue writer;
    private final List<Counters<PcapCounter>> counters = new CopyOnWriteArrayList<>();

    /**
     * Makes a recorder that does not record yet.
     *
     * @param pool of the packets
     */
    public Recorder(final String name, final PacketPool pool) {
        super(name);
        this.pool = pool;
        for (final PcapCounter each : PcapCounter.values()) {
            counter(each.key(), each.description(), () -> sum(each));
        }
    }

    /**
     * Records to another capture from now on, or to none. On the graph's thread only. Whoever made the one before closes
     * it, and only then is everything in its file.
     */
    public void record(final @Nullable PcapFile file) {
        if (file == null) {
            writer = null;
            wakeAt(Long.MAX_VALUE);
        } else {
            writer = new PcapWriterQueue(shown, pool, file);
            counters.add(writer.counters());
        }
    }

    private long sum(final PcapCounter name) {
        long sum = 0;
        for (final Counters<PcapCounter> each : counters) {
            sum += each.get(name);
        }
        return sum;
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        if (writer != null) {
            shown.burst = burst;
            writer.receive(shown.handles, burst.count(), nowMicros);
            shown.burst = null;
            wakeAt(nowMicros + FLUSH_MICROS); // so that what was written is in the file a second later, at rest too
        }
        burst.sendAll(out);
    }

    /** Shows the writer a burst, as if it were just coming in. */
    private static final class Shown implements PortQueue {
        private @Nullable Burst burst;
        private final long[] handles = new long[Graph.MAX_VECTOR];

        @Override
        public int receive(final long[] to, final int max, final long nowMicros) {
            final Burst from = burst;
            if (from == null) {
                return 0;
            }
            for (int i = 0; i < from.count(); i++) {
                to[i] = from.handle(i);
            }
            return from.count();
        }

        @Override
        public int transmit(final long[] all, final int from, final int count, final long nowMicros) {
            return 0;
        }
    }
}
