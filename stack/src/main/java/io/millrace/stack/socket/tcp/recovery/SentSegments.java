package io.millrace.stack.socket.tcp.recovery;

import io.millrace.stack.storage.RangeSet;
import io.millrace.stack.wire.TcpSeq;
import java.util.Arrays;

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
public final class SentSegments {
    /** Most segments kept apart. */
    public static final int MAX_SEGMENTS = 1 << 16;

    /** Most ranges of selectively acknowledged data. */
    public static final int MAX_RANGES = 1024;

    static final int NONE = -1;

    private static final int SACKED = 1;
    private static final int LOST = 2;
    private static final int AGAIN = 4;
    /** Sent more than once, whatever became of it. */
    private static final int REPEATED = 8;

    private static final int INITIAL = 16;
    private static final int RENUMBER = 1 << 30;

    private int[] ends = new int[INITIAL];
    private long[] times = new long[INITIAL];
    private byte[] flags = new byte[INITIAL];
    private int[] before = new int[INITIAL];
    private int[] after = new int[INITIAL];
    private int mask = INITIAL - 1;

    /** Segments have numbers that count up, and begin anew in time; number n is at index n & mask. */
    private int head;

    private int tail;
    /** Number of the first segment, of those sent only once, that was not found to be lost or to have arrived. */
    private int unjudged;

    private int firstSeq;
    /** Stream position of {@link #firstSeq} in {@link #ranges}. */
    private long firstPosition;

    private final RateReduction reduction = new RateReduction();
    private final RangeSet ranges = new RangeSet(MAX_RANGES);
    private int lostFirst = NONE;
    private int lostLast = NONE;
    private int againFirst = NONE;
    private int againLast = NONE;
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
        forget();
    }

    private void forget() {
        ranges.clear();
        lostFirst = NONE;
        lostLast = NONE;
        againFirst = NONE;
        againLast = NONE;
        sackedBytes = 0;
        sackedSegments = 0;
        lostBytes = 0;
    }

    /** The rate reduction of the recovery that these segments are in, if they are. */
    public RateReduction reduction() {
        return reduction;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return head == tail;
    }

    /** How many there are. */
    public int count() {
        return tail - head;
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

    /** Whether a lost segment waits to be sent again. */
    public boolean anyLost() {
        return lostFirst != NONE;
    }

    /** Slots kept. */
    public int capacity() {
        return mask + 1;
    }

    /** Sequence number behind the last segment. */
    public int end() {
        return head == tail ? firstSeq : ends[tail - 1 & mask];
    }

    /** A segment was sent that follows the last one. */
    public void append(final int end, final long now, final boolean repeated) {
        if (tail >= RENUMBER) {
            renumber();
        }
        if (tail - head > mask && !grow()) {
            final int last = tail - 1 & mask;
            if ((flags[last] & (SACKED | LOST | AGAIN)) == 0) {
                ends[last] = end;
                times[last] = now;
                return;
            }
            throw new IllegalStateException("more than " + MAX_SEGMENTS + " segments in flight");
        }
        final int index = tail & mask;
        ends[index] = end;
        times[index] = now;
        flags[index] = repeated ? (byte) REPEATED : 0;
        tail++;
    }

    /** Whether one more can be told apart from the last, or recorded with it. */
    public boolean hasRoom() {
        return tail - head < MAX_SEGMENTS || (flags[tail - 1 & mask] & (SACKED | LOST | AGAIN)) == 0;
    }

    /** How many more can be told apart. */
    public int room() {
        return MAX_SEGMENTS - (tail - head);
    }

    /** Subtracts as much from all numbers as leaves each at its index. */
    private void renumber() {
        final int less = head & ~mask;
        for (int i = head; i != tail; i++) {
            final int index = i & mask;
            before[index] -= before[index] == NONE ? 0 : less;
            after[index] -= after[index] == NONE ? 0 : less;
        }
        head -= less;
        tail -= less;
        unjudged -= less;
        lostFirst -= lostFirst == NONE ? 0 : less;
        lostLast -= lostLast == NONE ? 0 : less;
        againFirst -= againFirst == NONE ? 0 : less;
        againLast -= againLast == NONE ? 0 : less;
    }

    private boolean grow() {
        final int size = mask + 1;
        if (size >= MAX_SEGMENTS) {
            return false;
        }
        final int bigger = size * 2 - 1;
        final int[] newEnds = new int[size * 2];
        final long[] newTimes = new long[size * 2];
        final byte[] newFlags = new byte[size * 2];
        final int[] newBefore = new int[size * 2];
        final int[] newAfter = new int[size * 2];
        for (int i = head; i != tail; i++) {
            newEnds[i & bigger] = ends[i & mask];
            newTimes[i & bigger] = times[i & mask];
            newFlags[i & bigger] = flags[i & mask];
            newBefore[i & bigger] = before[i & mask]; // numbers of segments, not indices
            newAfter[i & bigger] = after[i & mask];
        }
        ends = newEnds;
        times = newTimes;
        flags = newFlags;
        before = newBefore;
        after = newAfter;
        mask = bigger;
        return true;
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
        delivery.reordered |= TcpSeq.lt(ends[first & mask], delivery.highestBefore);
        delivered(delivery, last, 0); // they were sent in this order
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
        delivered(delivery, number & mask, flag);
    }

    private void delivered(final Delivery delivery, final int index, final int flag) {
        final long sent = times[index];
        delivery.segments++;
        final boolean again = (flag & REPEATED) != 0;
        if (sent > delivery.sentAt || (sent == delivery.sentAt && TcpSeq.gt(ends[index], delivery.end))) {
            delivery.sentAt = sent;
            delivery.end = ends[index];
            delivery.again = again;
        }
        if (!again) {
            delivery.original = true;
            delivery.originalSentAt = Math.max(delivery.originalSentAt, sent);
            delivery.reordered |= TcpSeq.lt(ends[index], delivery.highestBefore);
        }
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
        delivered(delivery, index, flag);
        highest = TcpSeq.max(highest, ends[index]);
        return true;
    }

    /** Number of the first segment that begins at or behind a sequence number. */
    private int numberFrom(final int seq) {
        int low = 0;
        int high = tail - head;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (TcpSeq.lt(start(head + middle), seq)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return head + low;
    }

    private int start(final int number) {
        return number == head ? firstSeq : ends[number - 1 & mask];
    }

    private int length(final int number) {
        return ends[number & mask] - start(number);
    }

    /**
     * Finds segments that were lost because others, sent so much later that reordering does not explain it, arrived
     * (RFC 8985 section 6.2, step 5).
     *
     * @param sentAt when the latest segment that arrived was sent
     * @param end sequence number behind it
     * @param patience time from sending until a segment is lost
     * @return time until one more segment will be lost; -1 if there is none to wait for
     */
    long detectLosses(final long sentAt, final int end, final long patience, final long now) {
        long wait = NONE;
        while (unjudged != tail) {
            final int index = unjudged & mask;
            if (flags[index] == 0 || flags[index] == REPEATED) {
                if (!sentBefore(index, sentAt, end)) {
                    break;
                }
                final long left = times[index] + patience - now;
                if (left > 0) {
                    wait = left;
                    break;
                }
                lose(unjudged);
            }
            unjudged++;
        }
        while (againFirst != NONE) {
            final int index = againFirst & mask;
            if (!sentBefore(index, sentAt, end)) {
                break;
            }
            final long left = times[index] + patience - now;
            if (left > 0) {
                wait = wait < 0 ? left : Math.min(wait, left);
                break;
            }
            lose(againFirst);
        }
        return wait;
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
        lostFirst = NONE;
        lostLast = NONE;
        againFirst = NONE;
        againLast = NONE;
        lostBytes = 0;
        if (forgetSacks) {
            forget();
            highest = firstSeq;
        }
        for (int number = head; number != tail; number++) {
            final int index = number & mask;
            if (forgetSacks || (flags[index] & SACKED) == 0) {
                flags[index] = (byte) (flags[index] & REPEATED);
                lose(number);
            }
        }
        unjudged = tail;
    }

    /** Whether the peer took back a selective acknowledgment: the first segment was reported, but not acknowledged. */
    public boolean reneged() {
        return head != tail && (flags[head & mask] & SACKED) != 0;
    }

    /** What was taken for lost and was not sent again is in the network after all. */
    public void findAll() {
        while (lostFirst != NONE) {
            final int number = lostFirst;
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
        flags[index] = (byte) ((flags[index] & REPEATED) | LOST);
        lostBytes += length(number);
        before[index] = lostLast;
        after[index] = NONE;
        if (lostFirst == NONE) {
            lostFirst = number;
        } else {
            after[lostLast & mask] = number;
        }
        lostLast = number;
    }

    /** First lost segment's number, or -1. */
    public int firstLost() {
        return lostFirst;
    }

    /** Number of the last segment, of all that did not arrive selectively; -1 if there is none. */
    public int last() {
        return head == tail || (flags[tail - 1 & mask] & SACKED) != 0 ? NONE : tail - 1;
    }

    /** Sequence number of a segment. */
    public int startOf(final int number) {
        return start(number);
    }

    /** Sequence number behind a segment. */
    public int endOf(final int number) {
        return ends[number & mask];
    }

    /** A segment was sent again. */
    public void sentAgain(final int number, final long now) {
        final int index = number & mask;
        unlink(number, flags[index], length(number));
        flags[index] = (byte) (REPEATED | AGAIN);
        times[index] = now;
        before[index] = againLast;
        after[index] = NONE;
        if (againFirst == NONE) {
            againFirst = number;
        } else {
            after[againLast & mask] = number;
        }
        againLast = number;
        if (number == unjudged) {
            unjudged++;
        }
    }

    /** Takes a segment off the list that it is in, if any. */
    private void unlink(final int number, final int flag, final int length) {
        if ((flag & (LOST | AGAIN)) == 0) {
            return;
        }
        final int index = number & mask;
        final boolean lost = (flag & LOST) != 0;
        final int previous = before[index];
        final int next = after[index];
        if (previous == NONE) {
            if (lost) {
                lostFirst = next;
            } else {
                againFirst = next;
            }
        } else {
            after[previous & mask] = next;
        }
        if (next == NONE) {
            if (lost) {
                lostLast = previous;
            } else {
                againLast = previous;
            }
        } else {
            before[next & mask] = previous;
        }
        if (lost) {
            lostBytes -= length;
        }
    }

    /** For tests: a letter for each segment: . in the network, S arrived, L lost, R sent again. */
    @Override
    public String toString() {
        final char[] text = new char[tail - head];
        Arrays.fill(text, '.');
        for (int number = head; number != tail; number++) {
            final int flag = flags[number & mask];
            if ((flag & SACKED) != 0) {
                text[number - head] = 'S';
            } else if ((flag & LOST) != 0) {
                text[number - head] = 'L';
            } else if ((flag & AGAIN) != 0) {
                text[number - head] = 'R';
            }
        }
        return new String(text);
    }
}
