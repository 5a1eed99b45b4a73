package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.storage.RangeSet;
import io.millrace.testkit.ByteStream;
import java.util.BitSet;

/** What our end promises as a receiver, held against what it says on the wire and what the application reads. */
final class ReceiverPromises {
    private static final long NEVER = Long.MAX_VALUE;

    /** Sequence number behind all that was offered. */
    int edge;
    /** The last acknowledgment number that the peer heard. */
    int acknowledged = 1;
    /** The last window that it heard, bytes. */
    int window;

    final int shift;

    private final PromiseRound round;
    private final PromiseCase drawn;
    private final TcpConnection c;
    /** Bytes that arrived within the window. */
    private final BitSet arrived = new BitSet();
    /** Bytes that came when they were there already. */
    private final BitSet twice = new BitSet();

    /** Whether something came twice since our end told of that last. */
    private boolean repeats;

    private int inOrder;
    private boolean finArrived;
    private int read;
    /** Until a larger one comes, what every peer sends counts as a full one. */
    private int largestSegment = 536;

    private int largestBuffer;
    /** The application made its buffer smaller, or offers less than it has. */
    private boolean shrunk;

    private long unacknowledgedSince = NEVER;
    private long refusals;
    private boolean answerDue;

    ReceiverPromises(final PromiseRound round, final TcpConnection c, final int shift, final int window) {
        this.round = round;
        this.drawn = round.drawn;
        this.c = c;
        this.shift = shift;
        this.window = window;
        this.edge = 1 + window;
        this.largestBuffer = Math.max(window, c.receiveBuffer());
    }

    /** Number of the byte, or the FIN, that is expected next. */
    int next() {
        return 1 + inOrder + (finArrived && inOrder == drawn.toReceive ? 1 : 0);
    }

    /** Where the application is. */
    int read() {
        return read;
    }

    boolean finished() {
        return read == drawn.toReceive && finArrived;
    }

    /** The first byte from an index on that is not there yet. */
    int gap(final int from) {
        return arrived.nextClearBit(from);
    }

    void shrinks() {
        shrunk = true;
    }

    /** The peer's text arrives; before anything is polled. */
    void onText(final int seq, final int length, final boolean fin) {
        final int from = seq - 1;
        final int end = Math.min(from + length, edge - 1);
        largestSegment = Math.max(largestSegment, length);
        final boolean gaps = arrived.length() > inOrder;
        for (int i = Math.max(0, from); i < end; i++) {
            if (arrived.get(i)) {
                twice.set(i);
                repeats = true;
            }
        }
        if (end > from) {
            arrived.set(from, end);
        }
        // RFC 5681 section 4.2: ahead, in a gap, again or outside.
        answerDue |= length > 0 && (seq >= edge || seq + length <= next() || ((seq > next() || gaps) && end > from));
        if (fin && seq + length <= edge) {
            if (finArrived) {
                twice.set(drawn.toReceive);
                repeats = true;
            }
            finArrived = true;
        }
        inOrder = arrived.nextClearBit(inOrder);
        resynchronizeIfRefused();
        noteUnacknowledged();
    }

    private void noteUnacknowledged() {
        if (next() == acknowledged) {
            unacknowledgedSince = NEVER;
        } else if (unacknowledgedSince == NEVER) {
            unacknowledgedSince = round.now();
        }
    }

    /** Text was refused, or part of it: that needs a reason, and then what is held is what our end says. */
    void resynchronizeIfRefused() {
        final long limited =
                round.counter(StackCounter.TCP_REASSEMBLY_LIMIT) + round.counter(StackCounter.TCP_REASSEMBLY_GIVEN_UP);
        final long now = round.counter(StackCounter.TCP_NO_MEMORY) + limited;
        if (now == refusals) {
            return;
        }
        refusals = now;
        round.promise(
                limited > 0 || c.engine.chunks.scarce() || (shrunk && c.unread() > most(c.receiveBuffer())),
                "takes what it offered",
                () -> "refused text though " + c.engine.chunks.available() + " chunks are left, of a buffer of "
                        + c.receiveBuffer() + " holding " + c.unread());
        arrived.clear();
        arrived.set(0, read + c.unread());
        final Transfer transfer = c.transferOrNull();
        if (transfer != null && transfer.ahead != null) {
            final RangeSet ahead = transfer.ahead;
            final long base = transfer.receive.tail() - read - c.unread();
            for (int i = 0; i < ahead.count(); i++) {
                arrived.set((int) (ahead.start(i) - base), (int) (ahead.end(i) - base));
            }
        }
        arrived.clear(drawn.toReceive); // the number of the FIN
        inOrder = arrived.nextClearBit(0);
        finArrived &= c.peerFinKnown;
        noteUnacknowledged();
    }

    /** Our end sent a segment. */
    void onSegment(final Seg s) {
        round.promise(
                s.ack >= acknowledged, "acknowledges on", () -> "acknowledges " + s.ack + " after " + acknowledged);
        round.promise(
                s.ack <= next(),
                "acknowledges what arrived",
                () -> "acknowledges " + s.ack + ", but " + next() + " is missing");
        final int right = s.ack + (s.window << shift);
        round.promise(
                right > edge - (1 << shift),
                "never takes its window back",
                () -> "offers up to " + right + " after up to " + edge + ", in units of " + (1 << shift));
        checkBlocks(s);
        edge = Math.max(edge, right);
        window = s.window << shift;
        acknowledged = s.ack;
        answerDue = false;
        unacknowledgedSince = NEVER;
        noteUnacknowledged();
    }

    private void checkBlocks(final Seg s) {
        for (int i = 0; i < s.sacks.length; i += 2) {
            final int left = s.sacks[i];
            final int right = s.sacks[i + 1];
            round.promise(left < right, "blocks make sense", () -> "block of " + left + " to " + right);
            final int fin = finArrived && right == drawn.toReceive + 2 ? 1 : 0;
            final boolean within = left >= 1 && arrived.nextClearBit(left - 1) >= right - 1 - fin;
            round.promise(
                    within,
                    "blocks tell what arrived",
                    () -> "block of " + left + " to " + right + ": " + missing(left));
            final boolean below = left < s.ack;
            final boolean twiceThere = i == 0 && twice.nextClearBit(left - 1) >= right - 1;
            round.promise(
                    !below || twiceThere,
                    "blocks lie ahead, or tell what came twice",
                    () -> "block of " + left + " to " + right + " beside an acknowledgment of " + s.ack);
            round.promise(
                    !below || repeats,
                    "tells once what came twice",
                    () -> "block of " + left + " to " + right + " though nothing came again since the last");
            repeats &= !below;
            round.promise(
                    below || left > s.ack,
                    "blocks lie behind a gap",
                    () -> "block from " + left + " on beside an acknowledgment of " + s.ack);
        }
    }

    private String missing(final int from) {
        return "byte " + (1 + arrived.nextClearBit(from - 1)) + " is not there";
    }

    /** Text that came ahead by itself was answered with this segment (RFC 2018 section 4). */
    void checkReported(final Seg s, final int seq, final int length) {
        final int end = Math.min(seq + length, edge);
        boolean reported = seq < s.ack;
        for (int i = 0; i < s.sacks.length; i += 2) {
            reported |= s.sacks[i] <= seq && s.sacks[i + 1] >= end;
        }
        final boolean told = reported;
        round.promise(
                told || !arrived.get(seq - 1, end - 1).equals(full(end - seq)),
                "tells of what came last",
                () -> "no block holds " + seq + " to " + end + ": " + s);
    }

    private static BitSet full(final int length) {
        final BitSet all = new BitSet();
        all.set(0, length);
        return all;
    }

    /** The application reads so many bytes. */
    void onRead(final byte[] bytes) {
        final int same = ByteStream.same(drawn.seed, read, bytes);
        round.promise(same == bytes.length, "delivers what was sent", () -> "byte " + (read + same) + " is another");
        read += bytes.length;
        round.promise(read <= inOrder, "delivers what arrived", () -> "read up to " + read + ", sent up to " + inOrder);
    }

    /** Everything that arrived was seen, and what is due was sent. */
    void check() {
        resynchronizeIfRefused();
        if (c.state == TcpState.CLOSED || c.state == TcpState.TIME_WAIT || c.reason != null) {
            return;
        }
        final int held = c.unread();
        round.promise(
                read + held == inOrder,
                "takes what it offered",
                () -> "holds " + held + " bytes after " + read + ", but " + inOrder + " came in order, within " + edge);
        final Transfer transfer = c.transferOrNull();
        final RangeSet ranges = transfer == null ? null : transfer.ahead;
        final long ahead = ranges == null ? 0 : ranges.total();
        final boolean fin = ranges != null && c.peerFinKnown && ranges.find(c.receivePosition(c.peerFin)) >= 0;
        final int expectedAhead = arrived.cardinality() - inOrder + (fin ? 1 : 0);
        round.promise(
                ahead == expectedAhead,
                "takes what it offered",
                () -> "holds " + ahead + " numbers ahead, but " + expectedAhead + " came");
        largestBuffer = Math.max(largestBuffer, Math.max(c.receiveBuffer(), 1 << shift));
        round.promise(
                held + ahead <= most(largestBuffer),
                "holds no more than its buffer",
                () -> "holds " + held + " and " + ahead + " bytes, of a buffer of " + largestBuffer);
        checkAcknowledgment();
        checkOpen(held);
    }

    /** What rounding may make of a buffer. */
    private int most(final int buffer) {
        return buffer + buffer / 8 + (1 << shift);
    }

    private void checkAcknowledgment() {
        round.promise(!answerDue, "answers at once", () -> "text ahead, in a gap, again or outside was not answered");
        final int owed = next() - acknowledged;
        round.promise(
                owed < 2 * largestSegment,
                "acknowledges every second segment",
                () -> "owes " + owed + " bytes, segments are of " + largestSegment);
        round.promise(
                unacknowledgedSince == NEVER
                        || round.now() - unacknowledgedSince <= Math.max(1, drawn.delayedAck) + 4_000,
                "acknowledges in time",
                () -> "owes an acknowledgment since " + (round.now() - unacknowledgedSince));
    }

    private void checkOpen(final int held) {
        final int buffer = c.receiveBuffer();
        final int free = Math.min(buffer - held, c.settings().windowClamp());
        final boolean closed = acknowledged + window <= next();
        final boolean little = 2L * free < buffer || Math.max(buffer, 1 << shift) - held < 1 << shift;
        round.promise(
                !closed || finArrived || c.engine.chunks.scarce() || little,
                "opens its window again",
                () -> "the window is closed, but " + free + " bytes are free of " + buffer);
    }
}
