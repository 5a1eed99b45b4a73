package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.ListenerEntry;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.SavedSyn;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections to a local end. Half-open connections wait in a queue of their own ({@link #synBacklog()}),
 * established ones of which the application has not been told yet in another, whose length is the {@link #backlog()}. As
 * on Linux, what comes when a queue is full is dropped, so that the peer tries again, or gets a {@linkplain
 * #synCookies() cookie}; while connections beyond the backlog wait, new SYNs are dropped too.
 *
 * <p>What is set right after {@link io.millrace.stack.Stack#listen}, before the next poll, holds for the first SYN:
 *
 * <pre>{@code
 * TcpListener<Ipv4Address> listener = stack.listen(local, 128, handler);
 * listener.synBacklog(256);
 * listener.synCookies(CookieMode.WHEN_FULL);
 * listener.options().noDelay(true).receiveBuffer(1 << 20); // of the connections that it accepts
 * }</pre>
 *
 * <p>With a handler, the application is told of connections in the poll that established them. Without one they wait
 * until {@link #accept} takes them, whatever becomes of them meanwhile.
 *
 * <p>Belongs to the thread of its stack.
 *
 * @param <A> family
 */
public final class TcpListener<A extends IpAddress> extends ListenerEntry {
    private static final TcpHandler NOBODY = new TcpHandler() {};

    final TcpEngine engine;
    private final Endpoint<A> local;
    private final @Nullable TcpHandler handler;
    private final ArrayDeque<TcpConnection> waiting = new ArrayDeque<>(0);
    private int backlog;
    private int synBacklog;
    private CookieMode synCookies;
    private long deferAccept;
    private SavedSyn saveSyn = SavedSyn.NONE;
    private @Nullable TcpOptions options;
    private @Nullable FastOpenQueue fastOpen;
    private Runnable signal = () -> {};

    int halfOpen;
    int pending;
    long accepted;
    long synOverflows;
    long cookiesSent;
    long cookiesAccepted;
    /** Until when cookies may come back. */
    long cookiesUntil;

    /** When others are told again that cookies are sent. */
    long cookiesToTell;

    long acceptOverflows;
    long deferred;
    long handshakeTimeouts;
    private boolean closed;

    TcpListener(
            final TcpEngine engine,
            final Endpoint<A> local,
            final int backlog,
            final boolean shared,
            final @Nullable TcpHandler handler) {
        super(local.address().family(), local.address().hi(), local.address().lo(), local.port(), shared);
        this.engine = engine;
        this.local = local;
        this.backlog = backlog;
        this.synBacklog = engine.config.limits().synBacklog();
        this.synCookies = engine.config.features().synCookies();
        this.handler = handler;
    }

    /** Where it listens; an unspecified address stands for all of ours of that family. */
    public Endpoint<A> local() {
        return local;
    }

    /** Most established connections that wait for the application to be told. */
    public int backlog() {
        return backlog;
    }

    /**
     * Sets {@link #backlog()}. What waits already goes on waiting.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public void backlog(final int connections) {
        backlog = checkBacklog(connections);
    }

    /**
     * What connections that it accepts begin with, and what SYNs are answered with: MSS, window and its scale, TTL,
     * traffic class. From the first call on each connection has options of its own, which takes some 100 bytes.
     */
    public TcpOptions options() {
        TcpOptions current = options;
        if (current == null) {
            current = new TcpOptions(engine.config);
            options = current;
        }
        return current;
    }

    /** Whether SYNs may open a connection at once, and how many (RFC 7413). */
    public FastOpenQueue fastOpen() {
        FastOpenQueue current = fastOpen;
        if (current == null) {
            current = new FastOpenQueue(engine.fastOpen);
            fastOpen = current;
        }
        return current;
    }

    /** As {@link #fastOpen()}; null if nobody asked for it, so that it is off. */
    @Nullable
    FastOpenQueue fastOpenOrNull() {
        return fastOpen != null || engine.fastOpen.settings().queue() == 0 ? fastOpen : fastOpen();
    }

    /** Most half-open connections, {@link io.millrace.stack.socket.tcp.config.TcpLimits#synBacklog()} unless set. */
    public int synBacklog() {
        return synBacklog;
    }

    /**
     * Sets {@link #synBacklog()}. What is half-open already goes on.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public void synBacklog(final int connections) {
        if (connections < 1) {
            throw new IllegalArgumentException("synBacklog is " + connections + "; it must be at least 1");
        }
        synBacklog = connections;
    }

    /**
     * When SYNs are answered with cookies, {@link io.millrace.stack.socket.tcp.config.TcpFeatures#synCookies()} unless
     * set.
     */
    public CookieMode synCookies() {
        return synCookies;
    }

    /** Sets {@link #synCookies()}. */
    public void synCookies(final CookieMode mode) {
        synCookies = mode;
    }

    /**
     * TCP_DEFER_ACCEPT: how long a connection is not accepted until its peer sends something, microseconds; 0, unless
     * set, for not at all.
     */
    public long deferAccept() {
        return deferAccept;
    }

    /**
     * Sets {@link #deferAccept()}. A handshake whose last segment says nothing stays half-open; when the time is over
     * the answer to the SYN is sent once more, and whoever acknowledges that is accepted (tcp(7) on Linux). Cookies do
     * not wait.
     *
     * @param micros 0 or more
     * @throws IllegalArgumentException if it is negative
     */
    public void deferAccept(final long micros) {
        if (micros < 0) {
            throw new IllegalArgumentException("deferAccept is " + micros + "; it must be 0 or more");
        }
        deferAccept = micros;
    }

    /** TCP_SAVE_SYN: what is kept of the SYNs of peers for {@link TcpSocket#takeSyn()}. */
    public SavedSyn saveSyn() {
        return saveSyn;
    }

    /**
     * Sets {@link #saveSyn()} for SYNs that come from now on. Each connection then has options of its own and an array
     * with the headers, from the SYN on, on the heap. Of what a cookie brings there is no SYN.
     */
    public void saveSyn(final SavedSyn what) {
        saveSyn = what;
    }

    /** Connections that {@link #accept} can take now. */
    public int waiting() {
        return waiting.size();
    }

    /** Sets what is called, within the stack's poll, whenever a connection begins to wait for {@link #accept}. */
    public void onWaiting(final Runnable newSignal) {
        signal = newSignal;
    }

    /**
     * Takes the connection that waits longest. If it ended meanwhile, the next poll says so; what it received can be
     * read.
     *
     * @param connectionHandler told of its events from now on, of unread data too, but not that it is established
     * @return null if none waits; none ever does if the listener has a handler
     */
    @SuppressWarnings("unchecked") // a listener's connections are of its family
    public @Nullable TcpSocket<A> accept(final TcpHandler connectionHandler) {
        final TcpConnection c = waiting.poll();
        if (c == null) {
            return null;
        }
        final TcpSocket<A> socket = (TcpSocket<A>) c.socket();
        socket.handler(connectionHandler);
        c.listener = null;
        pending--;
        accepted++;
        if (c.unread() > 0 || c.peerFinReceived) {
            engine.events.add(c, EventQueue.READABLE);
        }
        if (c.state == TcpState.CLOSED) {
            engine.events.add(c, EventQueue.FINISHED);
        }
        return socket;
    }

    /** Connections that peers began to open and have not finished opening. */
    public int halfOpen() {
        return halfOpen;
    }

    /** Connections accepted so far. */
    public long accepted() {
        return accepted;
    }

    /** SYNs answered with a cookie because too many connections were half-open. */
    public long cookiesSent() {
        return cookiesSent;
    }

    /** Connections made from cookies. */
    public long cookiesAccepted() {
        return cookiesAccepted;
    }

    /** SYNs dropped because too many connections were half-open. */
    public long synOverflows() {
        return synOverflows;
    }

    /** SYNs and last segments of handshakes dropped because too many connections waited. */
    public long acceptOverflows() {
        return acceptOverflows;
    }

    /** Last segments of handshakes that said nothing and so did not complete it, see {@link #deferAccept()}. */
    public long deferred() {
        return deferred;
    }

    /** Half-open connections given up because the peer did not answer. */
    public long handshakeTimeouts() {
        return handshakeTimeouts;
    }

    /** All that it counts, as it is now. */
    public ListenerInfo info() {
        return new ListenerInfo(
                halfOpen,
                accepted,
                synOverflows,
                acceptOverflows,
                cookiesSent,
                cookiesAccepted,
                deferred,
                handshakeTimeouts);
    }

    /** Whether it still listens. */
    public boolean isOpen() {
        return !closed;
    }

    /**
     * Stops listening. Established connections live on. Half-open ones are forgotten: whoever completes its handshake
     * later gets a reset, as from Linux and FreeBSD, and so learns at once that nobody is there. So do the peers of
     * those that still wait for {@link #accept}. Harmless when called again.
     */
    public void close() {
        if (!closed) {
            closed = true;
            engine.listening.remove(this);
        }
    }

    /** What SYNs are answered with: what was set for connections, or as configured. Only to be read. */
    TcpOptions settings() {
        final TcpOptions set = options;
        return set == null ? engine.settings : set;
    }

    /** The window that a SYN is answered with. */
    int firstWindow() {
        return Math.min(Math.min(settings().receiveBuffer(), settings().windowClamp()), 0xFFFF);
    }

    /** The largest MSS that a SYN is answered with. */
    int maxMss() {
        return settings().maxSegment();
    }

    /** Gives a connection what was set. */
    void handOn(final TcpConnection c) {
        final TcpOptions set = options;
        if (set != null) {
            set.handOn(c);
        }
    }

    /** Who is told of connections at first. */
    TcpHandler handler() {
        return handler == null ? NOBODY : handler;
    }

    /**
     * Keeps a connection that there is something to tell of until it is accepted.
     *
     * @return false if the application is to be told at once
     */
    boolean keeps(final TcpConnection c, final int events) {
        if (handler != null || closed) {
            return false;
        }
        if ((events & EventQueue.FINISHED) != 0) {
            c.state = TcpState.CLOSED;
        }
        if ((events & EventQueue.CONNECTED) != 0) {
            waiting.add(c);
            signal.run();
        }
        return true;
    }

    /** The stack is closed. */
    void end() {
        closed = true;
        abandon();
    }

    /** Ends the connections that nobody will accept. */
    void abandon() {
        for (TcpConnection c = waiting.poll(); c != null; c = waiting.poll()) {
            if (c.state == TcpState.CLOSED) {
                engine.events.add(c, EventQueue.FINISHED);
            } else {
                engine.closing.abort(c);
            }
        }
    }

    static int checkBacklog(final int connections) {
        if (connections < 1) {
            throw new IllegalArgumentException("backlog is " + connections + "; it must be at least 1");
        }
        return connections;
    }
}
