package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.ByteStream;
import java.util.BitSet;

/** What our end promises as a sender, held against what the peer sees of it. */
final class SenderPromises {
    private final PromiseRound round;
    private final PromiseCase drawn;
    private final TcpConnection c;
    /** Bytes that the peer has. */
    private final BitSet arrived = new BitSet();

    private final int largest;
    /** Bytes that the application wrote. */
    int written;

    boolean closed;
    /** Behind the highest number ever sent. */
    int max = 1;
    /** The peer has our FIN. */
    private boolean finArrived;

    SenderPromises(final PromiseRound round, final TcpConnection c) {
        this.round = round;
        this.drawn = round.drawn;
        this.c = c;
        this.largest = Math.min(drawn.segment(), round.mtu() - 40);
    }

    /** What the peer may acknowledge. */
    int next() {
        final int inOrder = arrived.nextClearBit(0);
        return 1 + inOrder + (finArrived && closed && inOrder == written ? 1 : 0);
    }

    boolean finished() {
        return closed && next() == written + 2;
    }

    /** The first byte from an index on that the peer has, or -1. */
    int held(final int from) {
        return arrived.nextSetBit(from);
    }

    /** The first byte from an index on that it does not have. */
    int gap(final int from) {
        return arrived.nextClearBit(from);
    }

    /** The peer forgets what it did not acknowledge. */
    void renege(final int acknowledged) {
        arrived.clear(acknowledged - 1, Math.max(acknowledged, arrived.length()));
        finArrived &= acknowledged == written + 2;
    }

    /** Our end sent a segment, which arrives or gets lost. */
    void onSegment(final Seg s, final boolean lost) {
        final int length = s.payload.length;
        final int end = s.seq + length;
        final int una = c.una - round.localIss();
        final int same = ByteStream.same(~drawn.seed, s.seq - 1, s.payload);
        round.promise(
                length == 0 || (s.seq >= 1 && end <= 1 + written && same == length),
                "sends what was written",
                () -> "byte " + (s.seq - 1 + same) + " of " + written + " is another: " + s);
        final int options =
                (c.timestamps ? TcpRepr.TIMESTAMPS_LENGTH : 0) + (s.sacks.length > 0 ? 4 + 4 * s.sacks.length : 0);
        round.promise(
                length <= Math.max(1, largest - options),
                "sends no segment larger than the MSS",
                () -> length + " bytes beside options of " + options + ", of " + largest);
        final int offered = una + c.window;
        round.promise(
                end <= Math.max(offered, max) || (length == 1 && s.seq == una),
                "stays within the peer's window",
                () -> "sends up to " + end + ", the window is up to " + offered + ", sent was up to " + max);
        final boolean fin = (s.flags & TcpView.FIN) != 0;
        round.promise(
                !fin || (closed && end == 1 + written),
                "has its FIN behind everything",
                () -> "a FIN at " + end + ", written are " + written + (closed ? ", closed" : ", not closed"));
        round.promise(
                s.seq >= una - 1 && s.seq <= max,
                "numbers its segments within what it sent",
                () -> "sends " + s.seq + ", has sent up to " + max + ", acknowledged is " + una);
        max = Math.max(max, end + (fin ? 1 : 0));
        if (!lost) {
            arrived.set(s.seq - 1 < 0 ? 0 : s.seq - 1, Math.max(s.seq - 1, end - 1 < 0 ? 0 : end - 1));
            finArrived |= fin;
        }
    }

    /** Whatever is due was sent. */
    void check() {
        if (c.state == TcpState.CLOSED || c.state == TcpState.TIME_WAIT || c.reason != null) {
            return;
        }
        final int una = c.una - round.localIss();
        round.promise(una <= max, "believes no acknowledgment of what it never sent", () -> una + " of " + max);
        round.promise(
                c.max - round.localIss() == max,
                "knows what it sent",
                () -> "says " + (c.max - round.localIss()) + ", sent up to " + max);
        final boolean busy = c.una != c.max || c.queued() > 0 || (c.finQueued && !c.finAcknowledged());
        final long due = c.engine.pollAt(round.now());
        round.promise(
                !busy || due <= round.now() + PromiseRound.MAX_RTO + 1_000_000,
                "has a next step",
                () -> "nothing happens before " + due + " though " + c.inFlight() + " are in flight, " + c.queued()
                        + " queued");
        final boolean paced = c.allAcknowledged() && c.transfer().sendAt != TcpConnection.NEVER;
        round.promise(
                !busy || paced || c.retransmitAt != TcpConnection.NEVER,
                "has a timer",
                () -> c.inFlight() + " are in flight, " + c.queued() + " queued, and no timer runs");
    }

    /** The peer said something of its window: RFC 9293 section 3.10.7.4, fifth, tells whether that counts. */
    void checkWindow(final boolean counts, final int before, final int said) {
        round.promise(
                c.window == (counts ? said : before),
                "believes the latest window",
                () -> "the peer said " + said + ", which " + (counts ? "counts" : "is old") + "; before it was "
                        + before + ", now it is " + c.window);
    }
}
