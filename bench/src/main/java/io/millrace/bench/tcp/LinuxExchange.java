package io.millrace.bench.tcp;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * What {@link TcpExchange} does, with the kernel's sockets over its loopback interface: both ends in one thread, which
 * does the kernel's work of both too. One connection after the other: the kernel has whatever is next at hand at once.
 */
final class LinuxExchange implements AutoCloseable {
    private static final int BYTES = 64;
    /** Clients have as many addresses, each with ports of its own: closed connections keep theirs for a minute. */
    private static final int ADDRESSES = 200;

    private final ServerSocketChannel listener;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
    private final InetAddress[] clients = new InetAddress[ADDRESSES];
    private int next;

    /** Listens on a free port of the loopback interface. */
    public LinuxExchange() throws IOException {
        for (int i = 0; i < ADDRESSES; i++) {
            clients[i] = InetAddress.getByAddress(new byte[] {127, 0, 1, (byte) (i + 1)});
        }
        this.listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 16);
    }

    /** Goes on for so long. */
    public TcpExchange.Result run(final long nanos) throws IOException {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long allocatedBefore = threads.getCurrentThreadAllocatedBytes();
        final long cpuBefore = threads.getCurrentThreadCpuTime();
        final long start = System.nanoTime();
        long done = 0;
        while (System.nanoTime() - start < nanos) {
            exchange();
            done++;
        }
        return new TcpExchange.Result(
                done,
                System.nanoTime() - start,
                threads.getCurrentThreadCpuTime() - cpuBefore,
                0,
                threads.getCurrentThreadAllocatedBytes() - allocatedBefore);
    }

    private void exchange() throws IOException {
        try (SocketChannel client = SocketChannel.open()) {
            client.bind(new InetSocketAddress(clients[next++ % ADDRESSES], 0));
            client.connect(listener.getLocalAddress());
            try (SocketChannel server = listener.accept()) {
                send(client);
                receive(server);
                send(server);
                receive(client);
                client.shutdownOutput();
                buffer.clear();
                if (server.read(buffer) != -1) {
                    throw new IOException("the connection was not closed");
                }
            }
        }
    }

    private void send(final SocketChannel from) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining()) {
            from.write(buffer);
        }
    }

    private void receive(final SocketChannel at) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining()) {
            if (at.read(buffer) < 0) {
                throw new IOException("the connection was closed too soon");
            }
        }
    }

    /** Stops listening. */
    @Override
    public void close() throws IOException {
        listener.close();
    }
}
