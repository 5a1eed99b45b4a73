package io.millrace.stack.socket.tcp.congestion;

import io.millrace.stack.socket.tcp.recovery.Delivery;
import io.millrace.stack.socket.tcp.recovery.Rack;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * A sender with BBR at one end of a path with a bottleneck, on virtual time: what the draft's example test cases ask for.
 * The receiver acknowledges each segment, selectively if others are missing.
 */
final class BbrPath {
    static final int MSS = 1000;

    final CongestionControl congestion = new CongestionControl(CongestionAlgorithm.BBR, MSS);
    final Bbr bbr = new Bbr();

    /** Bytes a second. */
    double bandwidth;

    /** Both ways together. */
    long delay;
    /** Bytes that wait at the bottleneck before others are dropped. */
    long queue = Long.MAX_VALUE / 4;
    /** Bytes that wait there before a segment is marked; a sender hears of that once a round trip (RFC 3168). */
    long marksAt = Long.MAX_VALUE / 4;
    /** Of so many segments one is dropped; 0 for none. */
    int dropEach;
    /** Bytes a second that a policer behind the link lets through, and bytes that it lets through at once. */
    double policed = Double.POSITIVE_INFINITY;

    double policedAtOnce;
    /** Acknowledgments wait for the next multiple of so many microseconds, and then come all at once. */
    long acknowledgedEach = 1;
    /** Bytes that the application offers at once, each round trip; a large number for as many as may be sent. */
    long offered = Long.MAX_VALUE / 4;

    long now = 1_000_000;
    int dropped;
    int marked;

    private final SentSegments sent = new SentSegments();
    private final Rack rack = new Rack();
    private final Delivery delivery = new Delivery();
    private final ArrayDeque<long[]> underWay = new ArrayDeque<>();
    private final BitSet received = new BitSet();
    private final BitSet marks = new BitSet();
    private int slowedUpTo;
    private double tokens;
    private long tokensAt;
    private double paceAt;
    private double freeAt;
    private int next;
    private int una;
    private long offerAt;
    private long left;
    private long count;
    private boolean recovering;
    private int recover;
    private boolean inRound;

    BbrPath(final double bandwidth, final long delay) {
        this(bandwidth, delay, delay, true);
    }

    /** A path whose handshake took another time, and whose receiver is said to have SACK or not. */
    BbrPath(final double bandwidth, final long delay, final long handshake, final boolean sack) {
        this.bandwidth = bandwidth;
        this.delay = delay;
        congestion.start(0, MSS, false, 0);
        sent.reset(0);
        congestion.model(bbr, MSS, (int) handshake, sack, 7, now);
        sent.measure(congestion.deliveryRate());
    }

    /** Goes on for some time. */
    void run(final long micros) {
        final long end = now + micros;
        while (now < end) {
            step();
        }
    }

    /** Goes on until a phase is reached; fails if it is not within a minute. */
    void runUntil(final Bbr.State state) {
        final long end = now + 60_000_000;
        while (bbr.state != state) {
            step();
            if (now > end) {
                throw new AssertionError("in " + bbr.state + " still, not in " + state);
            }
        }
    }

    int inFlight() {
        return sent.inNetwork();
    }

    /** Bytes that arrived without a gap. */
    long delivered() {
        return una;
    }

    /** Bytes a second times the delay. */
    double product() {
        return bandwidth * delay / 1e6;
    }

    private void step() {
        now += 50;
        while (!underWay.isEmpty() && underWay.peekFirst()[1] <= now) {
            arrive((int) underWay.removeFirst()[0]);
        }
        if (now >= offerAt) {
            offerAt = now + delay;
            left = offered;
        }
        if (sent.isEmpty() && !inRound) {
            congestion.onRestart(now);
        }
        while (paceAt <= now && sent.inNetwork() + MSS <= congestion.window()) {
            final int lost = sent.firstLost();
            if (lost >= 0) {
                transmit(sent.startOf(lost));
                sent.sentAgain(lost, now);
            } else if (left >= MSS) {
                left -= MSS;
                next += MSS;
                sent.append(next, now, false);
                transmit(next - MSS);
            } else {
                bbr.rate.limit(sent.inNetwork());
                break;
            }
            paceAt = Math.max(paceAt, now - 1000.0) + MSS * 1e6 / congestion.pacingRate((int) delay);
        }
        inRound = !sent.isEmpty();
    }

    private void transmit(final int seq) {
        count++;
        final double waiting = Math.max(0, freeAt - now) * bandwidth / 1e6;
        if (waiting + MSS > queue || (dropEach > 0 && count % dropEach == 0)) {
            dropped++;
            return;
        }
        if (waiting + MSS > marksAt) {
            marked++;
            marks.set(seq / MSS);
        }
        freeAt = Math.max(freeAt, (double) now) + MSS * 1e6 / bandwidth;
        if (policed((long) freeAt)) {
            dropped++;
            return;
        }
        final long at = (long) freeAt + delay;
        underWay.addLast(new long[] {seq, (at + acknowledgedEach - 1) / acknowledgedEach * acknowledgedEach});
    }

    private boolean policed(final long at) {
        if (policed == Double.POSITIVE_INFINITY) {
            return false;
        }
        tokens = Math.min(policedAtOnce, tokens + (at - tokensAt) * policed / 1e6);
        tokensAt = at;
        if (tokens < MSS) {
            return true;
        }
        tokens -= MSS;
        return false;
    }

    private void arrive(final int seq) {
        delivery.clear();
        bbr.rate.startSample(now);
        received.set(seq / MSS);
        una = received.nextClearBit(una / MSS) * MSS;
        sent.acknowledge(una, delivery);
        if (seq > una) {
            final int left = received.previousClearBit(seq / MSS) + 1;
            sent.selectivelyAcknowledge(left * MSS, received.nextClearBit(seq / MSS) * MSS, delivery);
        }
        if (marks.get(seq / MSS) && una > slowedUpTo && !recovering) {
            slowedUpTo = next;
            congestion.onMarked(sent.inNetwork(), MSS, 1);
        }
        rack.onDelivered(delivery, now);
        if (recovering && una >= recover) {
            recovering = false;
            congestion.onRecovered();
        }
        rack.detect(sent, recovering, (int) delay, now);
        if (!recovering && sent.anyLost()) {
            recovering = true;
            recover = next;
            congestion.onLoss(sent.inNetwork(), MSS);
        }
        final int roundTrip = delivery.originalSentAt < 0 ? -1 : (int) (now - delivery.originalSentAt);
        bbr.rate.endSample();
        congestion.onSample(MSS, sent.inNetwork(), roundTrip, sent.inNetwork() + MSS > congestion.window(), now);
    }
}
