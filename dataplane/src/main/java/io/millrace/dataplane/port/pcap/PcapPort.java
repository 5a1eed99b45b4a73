package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.ObjLongConsumer;

/** A port whose packets are captured. */
final class PcapPort implements Port {
    private final Port port;
    private final PcapFile file;
    private final List<PcapWriterQueue> writers = new ArrayList<>();

    PcapPort(final Port port, final PcapFile file) {
        this.port = port;
        this.file = file;
    }

    @Override
    public PortInfo info() {
        return port.info();
    }

    @Override
    public PortQueue queue(final int index, final PoolCache cache) {
        final PcapWriterQueue writer = new PcapWriterQueue(port.queue(index, cache), cache.pool(), file);
        writers.add(writer);
        return writer;
    }

    @Override
    public boolean redirect(final IntUnaryOperator queues) {
        return port.redirect(queues);
    }

    @Override
    public boolean linkUp() {
        return port.linkUp();
    }

    @Override
    public PortStats stats() {
        return port.stats();
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        port.forEachCounter(consumer);
        writers.forEach(writer -> writer.counters().forEach(consumer));
    }

    @Override
    public void close() {
        port.close();
    }
}
