package io.millrace.stack.socket.tcp.recovery;

import io.millrace.stack.storage.RangeSet;
import io.millrace.stack.wire.TcpSeq;
import org.jspecify.annotations.Nullable;

/**
 * The segments sent and not acknowledged, in the order of their sequence numbers: the scoreboard of RFC 6675. Each has
 * the time when it was sent last, and is in one of these conditions: in the network; selectively acknowledged; lost and
 * waiting to be sent again; sent again.
 *
 * <p>Work per acknowledgment is bounded whatever the peer says (CVE-2019-11477, CVE-2019-11478): a segment counts as
 * selectively acknowledged when one block covers all of it, so blocks never split segments; ranges that are known
 * already are skipped by binary search; and each segment changes its condition a bounded number of times per
 * transmission. There are at most {@link #MAX_SEGMENTS} segments and {@link #MAX_RANGES} ranges; beyond them segments are
 * recorded as one, and blocks are not heard.
 */
public final class SentSegments extends SegmentRing {
    /** Most ranges of selectively acknowledged data. */
    public static final int MAX_RANGES = 1024;

    static final int NONE = SegmentLists.NONE;

    /** Number of the first segment, of those sent only once, that was not found to be lost or to have arrived. */
    private int unjudged;

    /** Stream position of {@link #firstSeq} in {@link #ranges}. */
    private long firstPosition;

    private final RateReduction reduction = new RateReduction();
    private final DeliveryRate ownRate = new DeliveryRate();
    /** Measures how fast they arrive. */
    private DeliveryRate rate = ownRate;

    private final RangeSet ranges = new RangeSet(MAX_RANGES);
    private int sackedBytes;
    private int sackedSegments;
    private int lostBytes;
    /** Behind the highest byte that is known to have arrived. */
    private int highest;

    /** Starts anew with nothing in flight. */
    public void reset(final int seq) {
        head = 0;
        tail = 0;
        unjudged = 0;
        firstSeq = seq;
        highest = seq;
        firstPosition = 0;
        reduction.end();
        ownRate.beginEmpty(DeliveryRate.NOBODY);
        rate = ownRate;
        forget();
    }

    /** Measures from now on with {@code measured} how fast segments arrive, or with one of its own if that is null. */
    public void measure(final @Nullable DeliveryRate measured) {
        final DeliveryRate next = measured == null ? ownRate : measured;
        if (next != rate && next == ownRate) {
            next.begin(DeliveryRate.NOBODY);
        }
        rate = next;
        next.fit(head, tail, capacity());
    }

    /** What measures how fast segments arrive. */
    public DeliveryRate rate() {
        return rate;
    }

    /** Bytes in the network. */
    public int inNetwork() {
        return end() - firstSeq - sackedBytes - lostBytes;
    }

    private void forget() {
        ranges.clear();
        lists.clear();
        sackedBytes = 0;
        sackedSegments = 0;
        lostBytes = 0;
    }

    /** The rate reduction that these segments are in, if they are. */
    public RateReduction reduction() {
        return reduction;
    }

    /** Bytes that arrived out of order. */
    public int sackedBytes() {
        return sackedBytes;
    }

    /** Segments that arrived out of order. */
    public int sackedSegments() {
        return sackedSegments;
    }

    /** Bytes that are lost and have not been sent again. */
    public int lostBytes() {
        return lostBytes;
    }

    /** Segments that were sent more than once and may be on their way. Looks at all. */
    public int segmentsAgain() {
        return segments(REPEATED | SACKED | LOST, REPEATED);
    }

    /** Whether the segment that ends at a sequence number was sent more than once and may be on its way. */
    public boolean isAgain(final int end) {
        final int number = numberFrom(end) - 1;
        return number - head >= 0
                && ends[number & mask] == end
                && (flags[number & mask] & (REPEATED | SACKED | LOST)) == REPEATED;
    }

    /** Segments that are lost and have not been sent again. Looks at all. */
    public int segmentsLost() {
        return segments(LOST, LOST);
    }

    /** Whether a lost segment waits to be sent again. */
    public boolean anyLost() {
        return lists.firstLost() != NONE;
    }

    /** A segment was sent that follows the last one. */
    public void append(final int end, final long now, final boolean repeated) {
        if (renumberDue()) {
            final int less = renumber();
            unjudged -= less;
            rate.renumber(less);
        }
        if (tail - head > mask) {
            if (!grow()) {
                lengthenLast(end, now);
                return;
            }
            measure(rate);
        }
        final int index = tail & mask;
        ends[index] = end;
        times[index] = now;
        flags[index] = repeated ? (byte) REPEATED : 0;
        tail++;
        onSent(index, length(tail - 1), now);
    }

    private void lengthenLast(final int end, final long now) {
        final int last = tail - 1 & mask;
        if ((flags[last] & (SACKED | LOST | AGAIN)) != 0) {
            throw new IllegalStateException("more than " + MAX_SEGMENTS + " segments in flight");
        }
        ends[last] = end;
        times[last] = now;
    }

    private void onSent(final int index, final int length, final long now) {
        rate.onSent(index, length, inNetwork(), now);
    }

    /** Whether one more can be told apart from the last, or recorded with it. */
    public boolean hasRoom() {
        return tail - head < MAX_SEGMENTS || (flags[tail - 1 & mask] & (SACKED | LOST | AGAIN)) == 0;
    }

    /** How many more can be told apart. */
    public int room() {
        return MAX_SEGMENTS - (tail - head);
    }

    /** How many segments, of which some of full size would be, overtook the first that {@code delivery} tells of. */
    public int overtaken(final Delivery delivery, final int mss) {
        return (TcpSeq.diff(highest, delivery.overtakenFrom) + mss - 1) / mss;
    }

    /** Everything before {@code ack} arrived. The first of what is done with an acknowledgment. */
    public void acknowledge(final int ack, final Delivery delivery) {
        delivery.highestBefore = highest;
        while (head != tail) {
            final int flag = flags[head & mask];
            if (flag == 0) {
                if (!acknowledgeRun(ack, delivery)) {
                    break;
                }
                continue;
            }
            final int end = ends[head & mask];
            if (TcpSeq.gt(end, ack)) {
                break;
            }
            leave(head, flag, end - firstSeq, delivery);
            firstPosition += end - firstSeq;
            firstSeq = end;
            if (unjudged == head) {
                unjudged++;
            }
            head++;
        }
        final int rest = TcpSeq.diff(ack, firstSeq);
        if (rest > 0) {
            if (head != tail) {
                shorten(rest, delivery);
            }
            firstPosition += rest;
            firstSeq = ack;
        }
        highest = TcpSeq.max(highest, ack);
        if (!ranges.isEmpty()) {
            ranges.removeBefore(firstPosition);
        }
    }

    /** By far the most frequent: segments that were sent once, and here they are. Returns whether there were any. */
    private boolean acknowledgeRun(final int ack, final Delivery delivery) {
        final int first = head;
        int number = first;
        while (number != tail && flags[number & mask] == 0 && TcpSeq.le(ends[number & mask], ack)) {
            number++;
        }
        if (number == first) {
            return false;
        }
        final int last = number - 1 & mask;
        final int bytes = ends[last] - firstSeq;
        delivery.bytes += bytes;
        delivery.segments += number - first - 1;
        if (TcpSeq.lt(ends[first & mask], delivery.highestBefore)) {
            delivery.overtaken(firstSeq);
        }
        delivered(delivery, last, bytes, 0); // they were sent in this order
        firstPosition += bytes;
        firstSeq = ends[last];
        if (unjudged - number < 0) {
            unjudged = number;
        }
        head = number;
        return true;
    }

    /** The first segment arrived in part. */
    private void shorten(final int bytes, final Delivery delivery) {
        final int flag = flags[head & mask];
        if ((flag & SACKED) != 0) {
            sackedBytes -= bytes;
        } else {
            delivery.bytes += bytes;
            if ((flag & LOST) != 0) {
                lostBytes -= bytes;
            }
            rate.onPart(bytes);
        }
    }

    private void leave(final int number, final int flag, final int length, final Delivery delivery) {
        if ((flag & SACKED) != 0) {
            sackedBytes -= length;
            sackedSegments--;
            return;
        }
        delivery.bytes += length;
        unlink(number, flag, length);
        delivered(delivery, number & mask, length, flag);
    }

    private void delivered(final Delivery delivery, final int index, final int bytes, final int flag) {
        delivery.add(times[index], ends[index] - bytes, ends[index], (flag & REPEATED) != 0);
        rate.onDelivered(index, bytes, times[index], ends[index]);
    }

    /**
     * A block of a SACK option: segments that it covers as a whole arrived. Blocks that do not lie within what is in
     * flight say nothing.
     */
    public void selectivelyAcknowledge(final int left, final int right, final Delivery delivery) {
        if (TcpSeq.ge(left, right) || TcpSeq.lt(left, firstSeq) || TcpSeq.gt(right, end())) {
            return;
        }
        final long from = firstPosition + TcpSeq.diff(left, firstSeq);
        final long to = from + TcpSeq.diff(right, left);
        if (ranges.contains(from, to)) {
            return;
        }
        int number = numberFrom(left);
        while (number != tail && TcpSeq.le(ends[number & mask], right)) {
            final int index = number & mask;
            final long position = firstPosition + TcpSeq.diff(ends[index], firstSeq);
            final int known = ranges.find(position - 1);
            if (known >= 0) {
                // Go on behind the range: each of its segments has been marked.
                number = numberFrom(firstSeq + (int) (ranges.end(known) - firstPosition));
                continue;
            }
            if (!mark(number, position, delivery)) {
                return;
            }
            number++;
        }
    }

    private boolean mark(final int number, final long position, final Delivery delivery) {
        final int index = number & mask;
        final int length = length(number);
        if (!ranges.add(position - length, position)) {
            return false;
        }
        final int flag = flags[index];
        unlink(number, flag, length);
        flags[index] = (byte) (SACKED | (flag & REPEATED));
        sackedBytes += length;
        sackedSegments++;
        delivery.bytes += length;
        delivery.sacked = true;
        delivered(delivery, index, length, flag);
        highest = TcpSeq.max(highest, ends[index]);
        return true;
    }

    /**
     * Finds segments that were lost because others, sent so much later that reordering does not explain it, arrived
     * (RFC 8985 section 6.2, step 5). What may be lost yet is waited for together: a timer for each would find the same
     * losses, one by one.
     *
     * @param sentAt when the latest segment that arrived was sent
     * @param end sequence number behind it
     * @param patience time from sending until a segment is lost
     * @return time until all that was sent before will be lost; -1 if nothing is to be waited for
     */
    long detectLosses(final long sentAt, final int end, final long patience, final long now) {
        long wait = NONE;
        while (unjudged != tail) {
            final int index = unjudged & mask;
            if (flags[index] == 0 || flags[index] == REPEATED) {
                if (!sentBefore(index, sentAt, end)) {
                    break;
                }
                if (times[index] + patience > now) {
                    wait = lastBefore(sentAt, end) + patience - now;
                    break;
                }
                lose(unjudged);
            }
            unjudged++;
        }
        for (int again = lists.firstAgain(); again != NONE; again = lists.firstAgain()) {
            final int index = again & mask;
            if (!sentBefore(index, sentAt, end)) {
                break;
            }
            if (times[index] + patience > now) {
                final int last = lists.lastAgain() & mask;
                final long latest = sentBefore(last, sentAt, end) ? times[last] : sentAt;
                return Math.max(wait, latest + patience - now);
            }
            lose(again);
        }
        return wait;
    }

    /**
     * When the last segment was sent before the latest that arrived, of those sent once that have not: where that ends a
     * block, the one in front of the block. No later than {@code sentAt}, which is near enough elsewhere.
     */
    private long lastBefore(final long sentAt, final int end) {
        final int block = ranges.find(firstPosition + TcpSeq.diff(end, firstSeq) - 1);
        if (block < 0) {
            return sentAt;
        }
        final int number = numberFrom(firstSeq + (int) (ranges.start(block) - firstPosition)) - 1;
        return number - unjudged >= 0 && (flags[number & mask] & ~REPEATED) == 0
                ? Math.min(times[number & mask], sentAt)
                : sentAt;
    }

    private boolean sentBefore(final int index, final long sentAt, final int end) {
        return times[index] < sentAt || (times[index] == sentAt && TcpSeq.lt(ends[index], end));
    }

    /** The first segment is lost, unless that is known or it was sent again already. */
    public void loseFirst() {
        if (head != tail && (flags[head & mask] & (SACKED | LOST | AGAIN)) == 0) {
            lose(head);
            if (unjudged == head) {
                unjudged++;
            }
        }
    }

    /**
     * A timeout: all that did not arrive is lost.
     *
     * @param forgetSacks whether selective acknowledgments are forgotten too, since the peer took one back
     */
    public void loseAll(final boolean forgetSacks) {
        lists.clear();
        lostBytes = 0;
        if (forgetSacks) {
            forget();
            highest = firstSeq;
        }
        for (int number = head; number != tail; number++) {
            final int index = number & mask;
            if (forgetSacks || (flags[index] & SACKED) == 0) {
                flags[index] = (byte) (flags[index] & (REPEATED | LOST));
                lose(number);
            }
        }
        unjudged = tail;
    }

    /** A timeout: the first segment is lost, and of the others those that were sent at {@code time} or before. */
    void loseUntil(final long time) {
        lists.clearLost();
        lostBytes = 0;
        unjudged = tail;
        for (int number = head; number != tail; number++) {
            final int index = number & mask;
            final int flag = flags[index];
            if ((flag & SACKED) != 0) {
                continue;
            }
            if (number == head || (flag & LOST) != 0 || times[index] <= time) {
                lose(number);
            } else if (unjudged == tail && (flag & AGAIN) == 0) {
                unjudged = number;
            }
        }
    }

    /** Whether a segment is the first of all. */
    public boolean isFirst(final int number) {
        return number == head;
    }

    /** Whether the peer took back a selective acknowledgment: the first segment was reported, but not acknowledged. */
    public boolean reneged() {
        return head != tail && (flags[head & mask] & SACKED) != 0;
    }

    /** What was taken for lost and was not sent again is in the network after all. */
    public void findAll() {
        for (int number = lists.firstLost(); number != NONE; number = lists.firstLost()) {
            unlink(number, LOST, length(number));
            flags[number & mask] &= ~LOST;
        }
        unjudged = head;
    }

    private void lose(final int number) {
        final int index = number & mask;
        if ((flags[index] & AGAIN) != 0) {
            unlink(number, flags[index], 0);
        }
        final boolean known = (flags[index] & LOST) != 0;
        flags[index] = (byte) ((flags[index] & REPEATED) | LOST);
        lostBytes += length(number);
        lists.append(SegmentLists.LOST, number);
        if (!known) {
            rate.onLost(number, index, length(number));
        }
    }

    /** First lost segment's number, or -1. */
    public int firstLost() {
        return lists.firstLost();
    }

    /** Number of the last segment, of all that did not arrive selectively; -1 if there is none. */
    public int last() {
        return head == tail || (flags[tail - 1 & mask] & SACKED) != 0 ? NONE : tail - 1;
    }

    /** A segment was sent again. */
    public void sentAgain(final int number, final long now) {
        final int index = number & mask;
        unlink(number, flags[index], length(number));
        flags[index] = (byte) (REPEATED | AGAIN);
        times[index] = now;
        lists.append(SegmentLists.AGAIN, number);
        onSent(index, length(number), now);
        if (number == unjudged) {
            unjudged++;
        }
    }

    /** Takes a segment off the list that it is in, if any. */
    private void unlink(final int number, final int flag, final int length) {
        if ((flag & LOST) != 0) {
            lists.remove(SegmentLists.LOST, number);
            lostBytes -= length;
        } else if ((flag & AGAIN) != 0) {
            lists.remove(SegmentLists.AGAIN, number);
        }
    }
}
