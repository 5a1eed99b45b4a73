package io.millrace.bench.forward;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.node.ChecksumWriter;

/**
 * Moves bursts from one port to another, as an appliance would: the ports check every packet that they hand over, and
 * packets are read and written through a bounds-checked view. Not thread-safe.
 */
public final class Forwarder {
    private final PortQueue from;
    private final PortQueue to;
    private final PoolCache cache;
    private final Packet packet;
    private final ForwardMode mode;
    private final long[] handles;

    /**
     * Makes a forwarder.
     *
     * @param cache of the polling thread; both ports have its pool
     * @param burst most packets of one call, at least 1
     */
    public Forwarder(
            final PortQueue from, final PortQueue to, final PoolCache cache, final ForwardMode mode, final int burst) {
        this.from = from;
        this.to = to;
        this.cache = cache;
        this.packet = new Packet(cache.pool());
        this.mode = mode;
        this.handles = new long[burst];
    }

    /**
     * Forwards one burst. What the other port does not take is freed.
     *
     * @return how many packets were sent
     */
    public int poll() {
        final int count = from.receive(handles, handles.length, 0);
        if (mode == ForwardMode.MACSWAP) {
            for (int i = 0; i < count; i++) {
                swapAddresses(packet.wrap(handles[i]));
            }
        } else if (mode == ForwardMode.CSUM) {
            for (int i = 0; i < count; i++) {
                packet.wrap(handles[i]);
                ChecksumWriter.write(packet.memory(), packet.offset(), packet.length());
            }
        }
        final int sent = to.transmit(handles, 0, count, 0);
        if (sent < count) {
            cache.free(handles, sent, count - sent);
        }
        return sent;
    }

    /**
     * Lets the MAC addresses change places. Both are in two words that overlap, bytes 0 to 7 and 4 to 11, which takes two
     * loads and two stores.
     */
    static void swapAddresses(final Packet packet) {
        final long front = packet.i64(0);
        final long back = packet.i64(4);
        packet.put64(0, back << 16 | front >>> 48);
        packet.put64(4, back << 48 | front >>> 16);
    }
}
