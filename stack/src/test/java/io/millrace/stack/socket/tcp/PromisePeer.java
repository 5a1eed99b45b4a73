package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.ByteStream;
import java.util.SplittableRandom;

/**
 * The other end of a {@link PromiseRound}: it says what is in its stream in pieces of any size and order, some of them
 * twice, acknowledges what it got when it likes, and offers any window. What it says is true, but for a forgotten block.
 */
final class PromisePeer {
    private static final int NEVER_AGAIN = 1_000_000;

    private final PromiseRound round;
    private final PromiseCase drawn;
    private final SplittableRandom random;
    private final boolean timestamps;
    private final int shift;
    private int echo;

    /** Behind the highest number that it sent within the window. */
    private int max = 1;

    private boolean finSent;
    /** Acknowledged last. */
    private int acknowledged = 1;
    /** The window offered last, as its field has it. */
    private int field;
    /** One in so many segments with text gets lost. */
    private int loss;

    /** Segments that were not answered. */
    private int unanswered;

    // Once it behaves.
    private int sent;
    private int heard;
    private long heardAt;

    PromisePeer(final PromiseRound round, final boolean timestamps, final int echo, final int window) {
        this.round = round;
        this.drawn = round.drawn;
        this.random = round.random;
        this.timestamps = timestamps;
        this.echo = echo;
        this.shift = round.connection.sendShift;
        this.field = window >>> shift;
        this.loss = random.nextBoolean() ? NEVER_AGAIN : 2 + random.nextInt(20);
    }

    /** Whether a segment of ours gets lost on its way. */
    boolean loses(final Seg segment) {
        return (segment.payload.length > 0 || (segment.flags & TcpView.FIN) != 0) && random.nextInt(loss) == 0;
    }

    /** A segment of ours arrived. */
    void onSegment(final Seg segment) {
        if (segment.tsVal != Seg.UNSET) {
            echo = segment.tsVal;
        }
        unanswered++;
    }

    void act() {
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> sendOn();
            case 4 -> sendAhead();
            case 5 -> text(1 + round.receiver.gap(0), length());
            case 6 -> text(1 + random.nextInt(Math.max(1, max)), length());
            case 7 -> overlap();
            case 8 -> beyond();
            case 9 -> finish();
            case 10 -> {
                changeWindow();
                acknowledge();
            }
            case 11 -> repeat();
            case 12 -> stale();
            case 13 -> absurd();
            default -> {
                advance();
                acknowledge();
            }
        }
    }

    // ---- what it says ----------------------------------------------------------------------------------------

    private int length() {
        if (drawn.nibbles) {
            return 1 + random.nextInt(3);
        }
        return switch (random.nextInt(4)) {
            case 0 -> 1;
            case 1 -> 1 + random.nextInt(drawn.segment());
            default -> drawn.segment();
        };
    }

    /** New text in order, often several segments at once. */
    private void sendOn() {
        if (random.nextBoolean()) {
            advance();
        }
        final int count = drawn.nibbles ? 60 : 1 + random.nextInt(6);
        for (int i = 0; i < count && max < round.receiver.edge && max <= drawn.toReceive; i++) {
            text(max, Math.min(length(), round.receiver.edge - max));
            if (drawn.nibbles) {
                round.pass(drawn.delayedAck);
            } else if (random.nextBoolean()) {
                round.settle();
            }
        }
    }

    private void sendAhead() {
        final int room = round.receiver.edge - max;
        if (room > 1) {
            final int seq = max + random.nextInt(room);
            round.settle();
            round.takeLast();
            final int length = text(seq, Math.min(length(), room));
            final Seg answer = round.takeLast();
            if (answer != null && length > 0 && round.connection.sack) {
                round.receiver.checkReported(answer, seq, length);
            }
        }
    }

    /** Around the begin of a gap, or of what is beyond it. */
    private void overlap() {
        final int gap = round.receiver.gap(round.receiver.gap(0) + random.nextInt(2000));
        text(Math.max(1, 1 + gap - random.nextInt(2 * drawn.segment())), length());
    }

    /** More than the window holds, or a probe of it. */
    private void beyond() {
        final int seq = Math.max(1, round.receiver.edge - (random.nextBoolean() ? 0 : random.nextInt(drawn.segment())));
        text(seq, random.nextBoolean() ? 1 : drawn.segment());
    }

    private void finish() {
        if (random.nextInt(15) == 0 && max == drawn.toReceive + 1) {
            text(max, 0);
        }
    }

    /** Sends what there is of so many bytes from a number on, with a FIN if that is the last; returns how many. */
    private int text(final int seq, final int wanted) {
        final int length = Math.max(0, Math.min(wanted, drawn.toReceive + 1 - seq));
        final boolean last = seq + length == drawn.toReceive + 1;
        final boolean fin = last && (finSent || length == 0 || random.nextInt(4) == 0);
        if (length == 0 && !fin) {
            return 0;
        }
        final Seg segment = segment(seq).len(length);
        for (int i = 0; i < length; i++) {
            segment.payload[i] = ByteStream.at(drawn.seed, seq - 1 + i);
        }
        final int within = Math.min(seq + length, round.receiver.edge);
        if (fin) {
            segment.flags(TcpView.FIN);
            finSent = true;
        }
        if (seq <= round.receiver.edge) {
            max = Math.max(max, within + (fin && within == seq + length ? 1 : 0));
        }
        round.arrive(segment, fin);
        return length;
    }

    // ---- what it answers -------------------------------------------------------------------------------------

    private Seg segment(final int seq) {
        final Seg segment = Seg.ack(seq, acknowledged).win(field);
        if (timestamps) {
            segment.ts(round.peerClock(), echo);
        }
        unanswered = 0;
        return segment;
    }

    /** It acknowledges what it has, or a part of that. */
    private void advance() {
        final int most = round.sender.next();
        if (most > acknowledged) {
            acknowledged = random.nextInt(3) == 0 ? acknowledged + 1 + random.nextInt(most - acknowledged) : most;
        }
    }

    private void acknowledge() {
        pure(acknowledged, field);
    }

    private void pure(final int ack, final int said) {
        final Seg segment =
                segment(Math.min(max, round.receiver.edge)).withAck(ack).win(said);
        if (drawn.peerSack && round.connection.sack && random.nextInt(4) > 0) {
            segment.sack(blocks(ack));
        }
        round.acknowledge(segment);
    }

    /** Up to three runs of bytes that it has, and perhaps one that it got twice. */
    private int[] blocks(final int ack) {
        final int[] edges = new int[6];
        int count = 0;
        if (random.nextInt(5) == 0 && ack > 1) {
            edges[count++] = 1 + random.nextInt(ack - 1);
            edges[count++] = ack;
        }
        int from = round.sender.gap(ack - 1);
        while (count < edges.length) {
            final int left = round.sender.held(from);
            if (left < 0) {
                break;
            }
            from = round.sender.gap(left);
            edges[count++] = 1 + left;
            edges[count++] = 1 + from;
        }
        return java.util.Arrays.copyOf(edges, count);
    }

    private void changeWindow() {
        field = switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> Math.max(0, field - 1);
            case 2 -> field / 2;
            case 3 -> random.nextInt(8);
            case 4 -> random.nextInt(65_536);
            default -> 65_535;
        };
    }

    /** The same acknowledgment several times. */
    private void repeat() {
        final int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            acknowledge();
        }
        if (random.nextInt(10) == 0) {
            round.tell("renege", acknowledged);
            round.sender.renege(acknowledged);
        }
    }

    /** An acknowledgment that was overtaken on its way. */
    private void stale() {
        pure(1 + random.nextInt(acknowledged), random.nextInt(65_536));
    }

    /** An acknowledgment of what was never sent. */
    private void absurd() {
        pure(round.sender.written + 3 + random.nextInt(10_000), random.nextInt(65_536));
    }

    // ---- once it behaves -------------------------------------------------------------------------------------

    void behave() {
        loss = NEVER_AGAIN;
        field = 65_535;
        sent = round.receiver.acknowledged;
        heardAt = round.now();
        acknowledged = round.sender.next();
        if (random.nextBoolean()) { // else that gets lost
            acknowledge();
        }
    }

    /** Acknowledges what came, and sends what the window takes; returns whether there was anything to do. */
    boolean proceed() {
        final boolean answers = unanswered > 0;
        if (answers) {
            acknowledged = Math.max(acknowledged, round.sender.next());
            acknowledge();
        }
        final ReceiverPromises receiver = round.receiver;
        if (receiver.acknowledged != heard) {
            heard = receiver.acknowledged;
            heardAt = round.now();
        } else if (round.now() - heardAt > 1_000_000) {
            sent = heard;
            heardAt = round.now();
        }
        sent = Math.max(sent, heard);
        final int end = drawn.toReceive + 1;
        if (sent > end || (sent == end && finSent && heard > end)) {
            return answers;
        }
        final int room = Math.min(drawn.segment(), receiver.edge - sent);
        if (sent < end && room > 0) {
            sent += text(sent, room);
            return true;
        }
        if (sent == end) {
            text(sent, 0);
            sent++;
            return true;
        }
        return answers;
    }
}
