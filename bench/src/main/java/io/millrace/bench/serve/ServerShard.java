package io.millrace.bench.serve;

import io.millrace.bench.plan.ServiceKey;
import io.millrace.bench.serve.http.HttpService;
import io.millrace.bench.serve.service.ChargenService;
import io.millrace.bench.serve.service.DiscardService;
import io.millrace.bench.serve.service.EchoService;
import io.millrace.bench.serve.service.ShardClock;
import io.millrace.bench.serve.service.TcpService;
import io.millrace.bench.serve.service.UdpEchoService;
import io.millrace.config.ListenSpec;
import io.millrace.config.ServiceKind;
import io.millrace.config.ServiceSpec;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.run.ShardTask;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.shard.ShardMember;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one shard serves: a stack, and on it every service, over IPv4 and IPv6. Shards share nothing, so each has a
 * listener of its own on every port; which of them a connection comes to is decided by whoever spreads the packets.
 *
 * <p>Not thread-safe: the thread that polls it makes every call.
 */
public final class ServerShard implements ShardTask, AutoCloseable {
    private static final int BACKLOG = 1_024;
    private static final long TICK_MICROS = 100_000;

    /** Whoever waits for connections to end wants to know soon. */
    private static final long SHUTDOWN_TICK_MICROS = 1_000;

    private static final long GRACE_MICROS = 200_000;

    private final PoolCache cache;
    private final Stack stack;
    private final ShardClock clock = new ShardClock();
    private final List<TcpService> services = new ArrayList<>();
    private final List<TcpListener<?>> listeners = new ArrayList<>();
    private final List<UdpSocket<?>> datagrams = new ArrayList<>();
    private long tick = TICK_MICROS;
    private long nextTick = Long.MIN_VALUE;
    private boolean shutDown;
    private @Nullable ShardMember member;
    private long settledAt = Long.MAX_VALUE;
    private volatile int connections;
    private volatile boolean drained;

    /**
     * Makes a shard without interfaces or services.
     *
     * @param cache its thread's way into the pool
     */
    public ServerShard(StackConfig config, PoolCache cache) {
        this.cache = cache;
        this.stack = Stack.create(config, cache);
    }

    /** The shard's stack, for interfaces and counters. */
    public Stack stack() {
        return stack;
    }

    /** Makes it one of several shards. Before its thread starts. */
    void member(ShardMember newMember) {
        member = newMember;
    }

    /**
     * Opens services.
     *
     * @param tcp over TCP
     * @param udp over UDP, where there is only echo
     * @param root folder of the HTTP service, or {@code null} for a page of its own
     * @throws IOException if the folder of the HTTP service cannot be read
     */
    public void open(List<ServiceSpec> tcp, List<ServiceSpec> udp, @Nullable Path root) throws IOException {
        open(tcp, udp, root, List.of());
    }

    /** As {@link #open(List, List, Path)}, with keys for the services over TCP that they are for. */
    void open(List<ServiceSpec> tcp, List<ServiceSpec> udp, @Nullable Path root, List<ServiceKey> keys)
            throws IOException {
        for (final ServiceSpec spec : tcp) {
            final TcpService service = service(spec.kind(), root);
            services.add(service);
            listeners.add(listen(Ipv4Address.UNSPECIFIED, spec, service.handler(), keys));
            listeners.add(listen(Ipv6Address.UNSPECIFIED, spec, service.handler(), keys));
        }
        final UdpEchoService echo = new UdpEchoService();
        for (final ServiceSpec spec : udp) {
            datagrams.add(stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, spec.port()), echo));
            datagrams.add(stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, spec.port()), echo));
        }
    }

    private TcpListener<?> listen(IpAddress address, ServiceSpec spec, TcpHandler handler, List<ServiceKey> keys) {
        final ListenSpec wanted = spec.listen();
        final TcpListener<?> listener = stack.listen(
                new Endpoint<>(address, spec.port()), wanted.backlog() > 0 ? wanted.backlog() : BACKLOG, handler);
        if (wanted.synBacklog() > 0) {
            listener.synBacklog(wanted.synBacklog());
        }
        listener.synCookies(
                switch (wanted.cookies()) {
                    case OFF -> CookieMode.OFF;
                    case WHEN_FULL -> CookieMode.WHEN_FULL;
                    case ALWAYS -> CookieMode.ALWAYS;
                });
        listener.deferAccept(TimeUnit.SECONDS.toMicros(wanted.deferAccept()));
        if (wanted.mss() > 0) {
            listener.options().maxSegment(wanted.mss());
        }
        final Boolean noDelay = wanted.noDelay();
        if (noDelay != null) {
            listener.options().noDelay(noDelay);
        }
        keys.stream()
                .filter(key -> key.isFor(spec.port(), address.family()))
                .forEach(key -> key.addTo(listener.options().keys()));
        return listener;
    }

    /** One round: deadlines of the services when they are due, then the stack. */
    @Override
    public int poll(long nowMicros) {
        clock.micros(nowMicros);
        if (nowMicros >= nextTick) {
            nextTick = nowMicros + tick;
            for (int i = 0; i < services.size(); i++) {
                services.get(i).tick();
            }
            connections = stack.connections();
            if (shutDown) {
                drained = isDrained(nowMicros);
            }
        }
        final int news = member == null ? 0 : member.poll(nowMicros);
        return news + stack.poll(nowMicros);
    }

    @Override
    public long pollAt(long nowMicros) {
        return Math.min(nextTick, stack.pollAt(nowMicros));
    }

    /**
     * Takes no more connections or datagrams, and closes every connection in order once it has sent what it holds. Goes
     * on being polled until {@link #drained}, or for as long as one is willing to wait.
     */
    public void shutdown() {
        listeners.forEach(TcpListener::close);
        datagrams.forEach(UdpSocket::close);
        services.forEach(TcpService::shutdown);
        stack.closeAll();
        shutDown = true;
        tick = SHUTDOWN_TICK_MICROS;
        nextTick = Long.MIN_VALUE;
    }

    /** How many connections there were at the last tick. Any thread. */
    public int connections() {
        return connections;
    }

    /** Where its UDP sockets are bound. */
    List<Endpoint<? extends IpAddress>> datagrams() {
        final List<Endpoint<? extends IpAddress>> bound = new ArrayList<>();
        datagrams.forEach(socket -> bound.add(socket.local()));
        return bound;
    }

    /** Whether {@link #shutdown} was called and there is nothing left to wait for. Any thread. */
    public boolean drained() {
        return drained;
    }

    /** Gives every buffer back to the pool; connections that are still open end without a word. */
    @Override
    public void onClose(long nowMicros) {
        close();
    }

    /** As {@link #onClose}, for a shard that no thread polls. Harmless when called again. */
    @Override
    public void close() {
        stack.close();
        cache.flush();
    }

    /** Peers that know everything get a moment to close their side, too; those that never do are not waited for. */
    private boolean isDrained(long nowMicros) {
        if (stack.tcp().unsettled() > 0) {
            settledAt = Long.MAX_VALUE;
        } else if (settledAt == Long.MAX_VALUE) {
            settledAt = nowMicros;
        }
        return connections == 0 || (settledAt != Long.MAX_VALUE && nowMicros - settledAt >= GRACE_MICROS);
    }

    private TcpService service(ServiceKind kind, @Nullable Path root) throws IOException {
        return switch (kind) {
            case ECHO -> new EchoService();
            case DISCARD -> new DiscardService();
            case CHARGEN -> new ChargenService();
            case HTTP -> new HttpService(clock, root);
        };
    }
}
