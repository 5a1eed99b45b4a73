package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Story;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection from the first segment to the last: a {@link PromisePeer} and a {@link PromiseApplication} do as they like
 * for a while, then both behave, and all that either said has to arrive within a bounded time.
 */
final class PromiseRound implements AutoCloseable {
    /** Of our end, microseconds. */
    static final int MAX_RTO = 8_000_000;

    private static final int STEPS = 120;
    /** Time between two steps ahead at most once both sides behave: a timer may just have been set. */
    private static final long PATIENCE = 2L * MAX_RTO;
    /** Time that everything takes at most. */
    private static final long MOST = 20L * MAX_RTO;
    /** Of the path once both sides behave. */
    private static final long ROUND_TRIP = 200;

    private static final int TOLD = 60;

    final PromiseCase drawn;
    final SplittableRandom random;
    final ReceiverPromises receiver;
    final SenderPromises sender;
    final TcpConnection connection;

    private final TcpHarness h;
    private final PromisePeer peer;
    private final PromiseApplication application;
    private final Story story;
    /** What our end sent last. */
    private @Nullable Seg last;

    PromiseRound(final long seed) {
        random = new SplittableRandom(seed);
        drawn = new PromiseCase(seed, random);
        story = new Story("our end", drawn, TOLD);
        h = new TcpHarness(drawn.config);
        boolean made = false;
        try {
            h.remoteIss = drawn.peerIss;
            h.now = drawn.start;
            final int window = random.nextInt(65_536);
            final Seg first = open(window);
            connection = found();
            final boolean scaled = first.windowShift >= 0 && drawn.peerShift != Seg.UNSET;
            receiver = new ReceiverPromises(this, connection, scaled ? first.windowShift : 0, first.window);
            sender = new SenderPromises(this, connection);
            peer = new PromisePeer(
                    this, Boolean.TRUE.equals(first.timestamps) && drawn.peerTimestamps, first.tsVal, window);
            application = new PromiseApplication(this, h.socket());
            see();
            made = true;
        } finally {
            if (!made) {
                h.close();
            }
        }
    }

    private Seg open(final int window) {
        final Seg first;
        if (drawn.passive) {
            h.listen(1);
            h.send(stamped(drawn.offer(Seg.syn(0), window), 0));
            first = h.takeSent().getFirst();
            final boolean stamps = Boolean.TRUE.equals(first.timestamps);
            final int shift = first.windowShift >= 0 ? drawn.peerShift : 0;
            final Seg ack = Seg.ack(1, 1).win(window >>> shift);
            h.send(stamps ? stamped(ack, first.tsVal) : ack);
        } else {
            h.connect();
            h.poll();
            first = h.takeSent().getFirst();
            h.send(stamped(drawn.offer(Seg.synAck(0, 1), window), first.tsVal));
        }
        return first;
    }

    private Seg stamped(final Seg segment, final int echo) {
        return drawn.peerTimestamps ? segment.ts(peerClock(), echo) : segment;
    }

    /** The peer's clock for timestamps. */
    int peerClock() {
        return 7 + (int) (h.now / 1000);
    }

    private TcpConnection found() {
        for (final var entry : h.engine.flows.toArray()) {
            if (entry instanceof TcpConnection c && c.state == TcpState.ESTABLISHED) {
                return c;
            }
        }
        throw new AssertionError("there is no connection: " + drawn);
    }

    long now() {
        return h.now;
    }

    int mtu() {
        return h.link.mtu;
    }

    int localIss() {
        return h.localIss;
    }

    int remoteIss() {
        return h.remoteIss;
    }

    long counter(final StackCounter counter) {
        return h.counters.get(counter);
    }

    /** Both do as they like, then as they should. */
    void run() {
        for (int i = 0; i < STEPS && !over(); i++) {
            switch (random.nextInt(8)) {
                case 0, 1 -> application.act();
                case 2 -> pass(1L << random.nextInt(1, 22));
                default -> peer.act();
            }
            settle();
        }
        if (random.nextInt(12) == 0) {
            return; // given up amidst of it, it has to leave nothing behind
        }
        behave();
        settle();
        promise(
                h.events.contains("closed NORMAL"),
                "ends in order",
                () -> "the application was told " + h.events + " in state " + connection.state);
        promise(h.failures.isEmpty(), "throws nothing", () -> String.valueOf(h.failures));
    }

    private boolean over() {
        return connection.state == TcpState.CLOSED;
    }

    private void behave() {
        tell("both", "behave");
        final long begin = h.now;
        long progress = begin;
        int done = 0;
        peer.behave();
        while (!over() || !receiver.finished() || !sender.finished()) {
            boolean busy = application.behave();
            pass(ROUND_TRIP);
            busy |= peer.proceed();
            settle();
            final int reached = receiver.read() + sender.next();
            if (reached > done) {
                done = reached;
                progress = h.now;
            }
            if (!busy) {
                final long since = progress;
                promise(
                        h.now - since < PATIENCE && h.now - begin < MOST,
                        "delivers everything",
                        () -> "the application has read " + receiver.read() + ", the peer " + (sender.next() - 1)
                                + " of "
                                + sender.written + ", nothing more since " + (h.now - since) + " of " + (h.now - begin)
                                + " us, in state " + connection.state);
                pass(Math.clamp(h.engine.pollAt(h.now) - h.now, 1, 200_000));
            }
        }
    }

    /** Time passes, and what is due happens at its time. */
    void pass(final long micros) {
        final long until = h.now + micros;
        tell("pass", micros);
        while (h.engine.pollAt(h.now) <= until) {
            h.now = Math.max(h.now, h.engine.pollAt(h.now));
            settle();
        }
        h.now = until;
        settle();
    }

    /** The peer's text arrives, or its FIN. */
    void arrive(final Seg segment, final boolean fin) {
        if (connection.reason != null) {
            return; // both sides have said all
        }
        tell(">", segment);
        h.deliver(segment);
        receiver.onText(segment.seq, segment.payload.length, fin);
        see();
    }

    /** The peer's acknowledgment without text arrives. */
    void acknowledge(final Seg segment) {
        settle(); // what may wait to be made one
        if (connection.reason != null) {
            return;
        }
        final TcpConnection c = connection;
        final int before = c.window;
        final int una = c.una - h.localIss;
        final int order = segment.seq - (c.wl1 - h.remoteIss);
        final boolean counts = segment.ack >= una
                && segment.ack <= sender.max
                && (order > 0 || (order == 0 && segment.ack >= c.wl2 - h.localIss));
        tell(">", segment);
        h.deliver(segment);
        if (c.state != TcpState.CLOSED && c.reason == null) {
            sender.checkWindow(counts, before, segment.window << c.sendShift);
        }
        see();
    }

    /** What is due is done, and everything is as promised. */
    void settle() {
        h.poll();
        see();
        receiver.check();
        sender.check();
        checkRest();
    }

    /** Who has nothing on its way, and has been silent for long, can do without what that needs. */
    private void checkRest() {
        final TcpConnection c = connection;
        final Transfer transfer = c.transferOrNull();
        final boolean silent = h.now - Math.max(c.lastSent, c.lastReceived) >= 2 * Transfers.SILENCE;
        promise(
                transfer == null
                        || transfer.isIdle()
                        || !transfer.transmit.isVacant() // prepared, or in vain: given up when it rests
                        || !transfer.receive.isVacant()
                        || !silent
                        || c.reason != null
                        || c.inFlight() + c.queued() + c.unread() > 0
                        || transfer.ahead != null
                        || Urgent.left(c) > 0,
                "rests",
                () -> "it holds a transfer in state " + c.state);
    }

    /** The segment that was sent last, taken away; null if there was none. */
    @Nullable
    Seg takeLast() {
        final Seg taken = last;
        last = null;
        return taken;
    }

    private void see() {
        final List<Seg> sent = h.takeSent();
        for (final Seg s : sent) {
            tell("<", s);
            promise((s.flags & TcpView.RST) == 0, "resets nothing", () -> String.valueOf(s));
            if ((s.flags & TcpView.SYN) == 0) {
                receiver.onSegment(s);
                sender.onSegment(s, peer.loses(s));
                peer.onSegment(s);
                last = s;
            }
        }
    }

    /** Something happened, for whoever reads of a failure. */
    void tell(final String kind, final Object what) {
        story.tell(h.now, kind, what);
    }

    /** A promise by its name. */
    void promise(final boolean kept, final String name, final Supplier<String> broken) {
        story.promise(kept, name, broken);
    }

    @Override
    public void close() {
        application.close();
        h.close();
    }
}
