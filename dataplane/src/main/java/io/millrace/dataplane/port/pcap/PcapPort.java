package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;

/** A port whose packets are captured. */
final class PcapPort implements Port {
    private final Port port;
    private final PcapFile file;

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
        return new PcapWriterQueue(port.queue(index, cache), cache.pool(), file);
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
    public void close() {
        port.close();
    }
}
