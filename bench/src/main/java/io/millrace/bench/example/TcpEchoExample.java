package io.millrace.bench.example;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * TCP through one stack that talks to itself over a loopback port: the smallest program that has everything. A pool of
 * packet buffers, a port, a stack on it, a server, a client, and the loop that makes them go.
 */
final class TcpEchoExample implements Example {
    private static final int MTU = 1500;
    private static final Endpoint<Ipv4Address> SERVER = new Endpoint<>(Ipv4Address.parse("10.0.0.1"), 7);

    TcpEchoExample() {}

    @Override
    public String name() {
        return "tcp-echo";
    }

    @Override
    public String summary() {
        return "a TCP server and its client on one stack, over loopback";
    }

    @Override
    public void run(PrintWriter out) {
        // All packets live in one bounded piece of native memory. A thread reaches it through a cache of its own.
        try (PacketPool pool = ArenaPool.create(256, MTU);
                Port port = LoopbackPort.open(Medium.IP, MTU, pool, 1, 64)) {
            final PoolCache cache = new PoolCache(pool, 32);
            final Client client = new Client(out);
            try (Stack stack = Stack.create(StackConfig.defaults(), cache)) {
                stack.addInterface(InterfaceConfig.of("10.0.0.1/24"), port.info(), port.queue(0, cache));
                stack.listen(SERVER, 16, new EchoServer());
                stack.connect(SERVER, client);

                // The stack has no thread and no clock. Whoever owns it polls it and says what time it is.
                while (!client.over) {
                    stack.poll(System.nanoTime() / 1_000);
                }
            }
            cache.flush();
            out.printf("%d of %d buffers are back in the pool%n", pool.available(), pool.capacity());
        }
    }

    /** Sends back what comes in. One handler serves any number of connections. */
    private static final class EchoServer implements TcpHandler {
        @Override
        public void onReadable(TcpSocket<?> socket) {
            echo(socket);
        }

        @Override
        public void onWritable(TcpSocket<?> socket) {
            echo(socket); // the send buffer was full; now there is room again
        }

        /** Moves bytes from the receive buffer to the send buffer, in place: they are copied once. */
        private static void echo(TcpSocket<?> socket) {
            for (int span = socket.readSpan(); span > 0; span = socket.readSpan()) {
                final int count = Math.min(span, socket.writeSpan());
                if (count == 0) {
                    return;
                }
                MemorySegment.copy(
                        socket.readMemory(), socket.readOffset(), socket.writeMemory(), socket.writeOffset(), count);
                socket.commit(count);
                socket.consume(count);
            }
            if (socket.finished()) {
                socket.close(); // the client closed its side, and everything it sent is on its way back
            }
        }
    }

    /** Says hello, waits for the echo, says goodbye. */
    private static final class Client implements TcpHandler {
        private static final byte[] HELLO = "hello, millrace".getBytes(StandardCharsets.UTF_8);

        private final PrintWriter out;
        private final MemorySegment buffer = Arena.ofAuto().allocate(1_024);
        private boolean over;

        Client(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void onConnected(TcpSocket<?> socket) {
            out.println("connected:  " + socket);
            buffer.copyFrom(MemorySegment.ofArray(HELLO));
            socket.send(buffer, 0, HELLO.length);
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            if (socket.readable() == HELLO.length) {
                final int count = socket.receive(buffer, 0, HELLO.length);
                final byte[] echo = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
                out.println("echoed:     " + new String(echo, StandardCharsets.UTF_8));
                socket.close();
            }
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            out.println("over:       " + why.text());
            over = true;
        }
    }
}
