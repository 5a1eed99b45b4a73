package io.millrace.bench.example;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.LongAdder;

/**
 * A device of one's own: Ethernet frames as the payload of UDP datagrams, one frame each, between two sockets of the
 * kernel. Two processes anywhere on the internet that each open one end have a wire between them, and no privilege is
 * needed for it.
 *
 * <p>A device is a {@link Port}, which says what it is, and one {@link PortQueue} for each thread that polls it. What
 * matters is who owns a packet: {@code receive} allocates buffers and gives them away, {@code transmit} takes buffers
 * over and has to free them once they are sent. Neither blocks, allocates objects or throws.
 */
final class UdpTunnelPort implements Port {
    private static final int ETHERNET_HEADER = 14;

    /** Leaves room for the outer IPv6 and UDP header in an Ethernet frame, so that nothing is fragmented. */
    private static final int MTU = 1500 - 40 - 8 - ETHERNET_HEADER;

    private final PortInfo info;
    private final PacketPool pool;
    private final DatagramChannel channel;
    private boolean taken;

    // Written by the polling thread, read by any.
    private final LongAdder rxPackets = new LongAdder();
    private final LongAdder rxBytes = new LongAdder();
    private final LongAdder txPackets = new LongAdder();
    private final LongAdder txBytes = new LongAdder();
    private final LongAdder rxMissed = new LongAdder();
    private final LongAdder rxErrors = new LongAdder();
    private final LongAdder txErrors = new LongAdder();

    private UdpTunnelPort(PortInfo info, PacketPool pool, DatagramChannel channel) {
        this.info = info;
        this.pool = pool;
        this.channel = channel;
    }

    /**
     * Opens one end of the tunnel.
     *
     * @param name what reports call it
     * @param macAddress of this end, in the low 48 bits
     * @param local where the kernel listens for us; port 0 for any
     * @param pool where the buffers of received frames come from
     */
    static UdpTunnelPort open(String name, long macAddress, InetSocketAddress local, PacketPool pool)
            throws IOException {
        final DatagramChannel channel =
                DatagramChannel.open(StandardProtocolFamily.INET6).bind(local);
        channel.configureBlocking(false);
        return new UdpTunnelPort(new PortInfo(name, "udp-tunnel", Medium.ETHERNET, macAddress, MTU, 1), pool, channel);
    }

    /** Where the other end has to send to. */
    SocketAddress localAddress() throws IOException {
        return channel.getLocalAddress();
    }

    /** Sends to {@code remote} from now on, and refuses datagrams from anyone else. */
    void connect(SocketAddress remote) throws IOException {
        channel.connect(remote);
    }

    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(int index, PoolCache cache) {
        if (index != 0 || taken) {
            throw new IllegalStateException(info.name() + " has one queue, to be taken once; wanted " + index);
        }
        taken = true;
        return new Queue(cache);
    }

    @Override
    public boolean linkUp() {
        return channel.isConnected();
    }

    @Override
    public PortStats stats() {
        return new PortStats(
                rxPackets.sum(),
                rxBytes.sum(),
                txPackets.sum(),
                txBytes.sum(),
                rxMissed.sum(),
                rxErrors.sum(),
                txErrors.sum());
    }

    @Override
    public void close() {
        try {
            channel.close(); // this port keeps no buffers, so there is nothing to give back
        } catch (IOException e) {
            throw new UncheckedIOException(info.name() + " could not be closed", e);
        }
    }

    private final class Queue implements PortQueue {
        private final PoolCache cache;

        /** The pool's memory as the kernel's API wants it; only its limits ever change. */
        private final ByteBuffer memory;

        Queue(PoolCache cache) {
            this.cache = cache;
            this.memory = pool.memory().asByteBuffer();
        }

        @Override
        public int receive(long[] handles, int max, long nowMicros) {
            int count = 0;
            while (count < max) {
                final long handle = cache.allocate();
                if (handle == PacketPool.NONE) {
                    rxMissed.increment();
                    break;
                }
                final int length = read(handle);
                if (length < 0) {
                    cache.free(handle);
                    break;
                }
                if (length < ETHERNET_HEADER || length > ETHERNET_HEADER + MTU) {
                    cache.free(handle);
                    rxErrors.increment();
                    continue;
                }
                BufferHeader.length(pool.memory(), handle, length);
                handles[count++] = handle;
                rxBytes.add(length);
            }
            rxPackets.add(count);
            return count;
        }

        @Override
        public int transmit(long[] handles, int from, int count, long nowMicros) {
            for (int i = from; i < from + count; i++) {
                final int length = BufferHeader.length(pool.memory(), handles[i]);
                if (write(handles[i], length)) {
                    txPackets.increment();
                    txBytes.add(length);
                } else {
                    txErrors.increment();
                }
                cache.free(handles[i]);
            }
            return count; // a datagram that the kernel refused is lost, as on any wire
        }

        private int read(long handle) {
            final int offset = (int) pool.dataOffset(handle);
            memory.limit(offset + pool.dataRoom() - pool.headroom()).position(offset);
            try {
                final int length = channel.isConnected() ? channel.read(memory) : -1;
                return length == 0 ? -1 : length;
            } catch (IOException e) {
                return -1; // the other end is not there yet
            }
        }

        private boolean write(long handle, int length) {
            final int offset = (int) pool.dataOffset(handle);
            memory.limit(offset + length).position(offset);
            try {
                return channel.isConnected() && channel.write(memory) == length;
            } catch (IOException e) {
                return false;
            }
        }
    }
}
