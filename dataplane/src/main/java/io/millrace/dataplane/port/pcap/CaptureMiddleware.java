package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.middleware.Middleware;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ObjLongConsumer;

/** Captures a port's packets; the file is closed by whoever created it. */
final class CaptureMiddleware implements Middleware {
    private final PcapFile file;
    private final List<PcapWriterQueue> writers = new CopyOnWriteArrayList<>();

    CaptureMiddleware(final PcapFile file) {
        this.file = file;
    }

    @Override
    public PortQueue wrap(final PortInfo info, final PortQueue queue, final int index, final PoolCache cache) {
        final PcapWriterQueue writer = new PcapWriterQueue(queue, cache.pool(), file);
        writers.add(writer);
        return writer;
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        writers.forEach(writer -> writer.counters().forEach(consumer));
    }
}
