package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.wire.IpRepr;
import org.jspecify.annotations.Nullable;

/** Datagrams that wait for a socket without a handler: a bounded ring that holds their buffers. */
final class UdpQueue {
    private final UdpEngine engine;
    private final UdpDatagram view;
    private final IpRepr[] headers;
    private final long[] handles;
    private final long[] offsets;
    private final int[] lengths;
    private final int[] sourcePorts;
    private final int[] localPorts;
    private int head;
    private int count;

    UdpQueue(final UdpEngine engine, final UdpDatagram view, final int capacity) {
        this.engine = engine;
        this.view = view;
        headers = new IpRepr[capacity];
        for (int i = 0; i < capacity; i++) {
            headers[i] = new IpRepr();
        }
        handles = new long[capacity];
        offsets = new long[capacity];
        lengths = new int[capacity];
        sourcePorts = new int[capacity];
        localPorts = new int[capacity];
    }

    int size() {
        return count;
    }

    /** Takes a datagram's buffer over unless the ring is full. */
    boolean add(
            final IpRepr ip,
            final long handle,
            final long offset,
            final int length,
            final int sourcePort,
            final int localPort) {
        if (count == handles.length) {
            return false;
        }
        final int at = (head + count) % handles.length;
        headers[at].set(ip);
        handles[at] = handle;
        offsets[at] = offset;
        lengths[at] = length;
        sourcePorts[at] = sourcePort;
        localPorts[at] = localPort;
        count++;
        return true;
    }

    @Nullable
    UdpDatagram next() {
        release();
        if (count == 0) {
            return null;
        }
        view.wrap(
                headers[head],
                engine.memory(handles[head]),
                handles[head],
                offsets[head],
                lengths[head],
                sourcePorts[head],
                localPorts[head]);
        head = (head + 1) % handles.length;
        count--;
        engine.dequeued();
        return view;
    }

    void close() {
        release();
        while (next() != null) {
            release();
        }
    }

    private void release() {
        final long handle = view.release();
        if (handle != PacketPool.NONE) {
            engine.free(handle);
        }
    }
}
