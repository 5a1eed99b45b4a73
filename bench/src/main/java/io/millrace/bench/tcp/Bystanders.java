package io.millrace.bench.tcp;

import io.millrace.stack.Stack;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.wire.address.Endpoint;

/** Listeners and established connections that have nothing to do, for stacks that are measured beside them. */
final class Bystanders {
    /** Most connections that a command opens: both ends of each are in this process. */
    static final int MAX = 300_000;

    private static final int MAX_LISTENERS = 20_000;
    private static final int FIRST_PORT = 10_000;
    private static final int BACKLOG = 16;

    private Bystanders() {}

    /**
     * Opens connections to as many listeners, at most {@value #MAX_LISTENERS}, on ports from {@value #FIRST_PORT} on.
     *
     * @param host address of the server and a colon, such as {@code 192.0.2.2:} or {@code [2001:db8::2]:}
     * @param connections how many, 0 to {@value #MAX}
     */
    static void open(final Stack client, final Stack server, final String host, final int connections) {
        final TcpHandler silent = new TcpHandler() {};
        final int listeners = Math.min(connections, MAX_LISTENERS);
        for (int i = 0; i < listeners; i++) {
            server.listen(Endpoint.parse(host + (FIRST_PORT + i)), BACKLOG, silent);
        }
        int opened = 0;
        while (server.counters().get(StackCounter.TCP_CONNECTIONS_OPENED) < connections) {
            // No faster than neighbours are found and handshakes are answered.
            for (int i = 0; i < BACKLOG && opened < connections; i++) {
                client.connect(Endpoint.parse(host + (FIRST_PORT + opened++ % listeners)), silent);
            }
            for (int i = 0; i < BACKLOG; i++) {
                final long micros = System.nanoTime() / 1000;
                client.poll(micros);
                server.poll(micros);
            }
        }
    }
}
