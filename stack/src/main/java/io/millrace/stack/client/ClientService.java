package io.millrace.stack.client;

import io.millrace.stack.Stack;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The shard's side of the sockets of application threads. Whoever polls the stack polls this too, on the same thread, and
 * closes it before the stack:
 *
 * <pre>{@code
 * ClientService service = ClientService.of(stack, ClientConfig.defaults());
 * StackClient client = service.client(); // for any thread
 * while (running) {
 *     service.poll();
 *     stack.poll(now);
 * }
 * service.close();
 * stack.close();
 * }</pre>
 *
 * <p>In a {@code ShardTask}, {@code poll} does both and {@code pollAt} is 0 as long as {@link #pending} says so. A shard
 * that sleeps when it is idle lets requests wait that long.
 */
public final class ClientService implements AutoCloseable {
    /** Most requests that one poll serves. */
    private static final int REQUESTS = 64;

    /** Places for a thread that asks itself: one, or two while one request leads to another. */
    private static final ClientConfig DIRECT = new ClientConfig(2, 1 << 17);

    private final Stack stack;
    private final Requests requests;
    private final Set<ShardSocket> sockets = new LinkedHashSet<>();
    private final PortClaims claims = new PortClaims();
    private final PortClaims udpClaims = new PortClaims();
    private final ShardSocket everything = new Everything(this);
    private final StackClient client;

    @SuppressWarnings("this-escape") // the client keeps it and uses it only when it is called
    private ClientService(final Stack stack, final ClientConfig config) {
        this.stack = stack;
        this.requests = new Requests(config, false);
        this.client = new StackClient(this, requests);
    }

    /** Makes a service without sockets. On the stack's thread. */
    public static ClientService of(final Stack stack, final ClientConfig config) {
        return new ClientService(stack, config);
    }

    /** What application threads use. */
    public StackClient client() {
        return client;
    }

    /**
     * The same for the thread that polls the stack: what is asked is done at once, and nothing waits, whatever
     * {@link ClientSocket#isBlocking()} was set to. For programs on one thread that want sockets with the errors of
     * POSIX.
     */
    public StackClient direct() {
        return new StackClient(this, new Requests(DIRECT, true));
    }

    /** Serves a bounded number of requests; returns how many. */
    public int poll() {
        return requests.poll(REQUESTS);
    }

    /** Whether requests wait to be served. */
    public boolean pending() {
        return requests.pending();
    }

    /** Sockets that are open, or closed and not done with what they have to send. */
    public int sockets() {
        return sockets.size();
    }

    /** Resets every connection, closes every socket, and tells the threads that wait. Harmless when called again. */
    @Override
    public void close() {
        if (!requests.isClosed()) {
            requests.close();
            abortAll();
        }
    }

    /** Resets every connection and closes every socket; threads may open others. */
    void abortAll() {
        stack.tcp().forgetTimeWaits();
        for (final ShardSocket socket : sockets.toArray(new ShardSocket[0])) {
            socket.end();
            socket.update();
        }
    }

    Stack stack() {
        return stack;
    }

    /** TCP's. */
    PortClaims claims() {
        return claims;
    }

    PortClaims udpClaims() {
        return udpClaims;
    }

    void add(final ShardSocket socket) {
        sockets.add(socket);
    }

    void remove(final ShardSocket socket) {
        sockets.remove(socket);
    }

    /** The target of requests that concern no socket. */
    ShardSocket everything() {
        return everything;
    }

    /** No socket. */
    private static final class Everything extends ShardSocket {
        Everything(final ClientService service) {
            super(service);
        }

        @Override
        int serve(final int kind, final Operation operation) {
            return SocketError.EOPNOTSUPP.result();
        }

        @Override
        void update() {}

        @Override
        void end() {}
    }
}
