package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.TransmitWatcher;

/**
 * The bytes of a connection whose times were asked for, until they are acknowledged: a ring of positions in the transmit
 * queue, in order. Each stage of a byte is told once, the first time: what is sent again is not.
 */
final class SendMarks implements TransmitWatcher {
    /** Most bytes that wait to be acknowledged; others are counted as lost. */
    static final int MOST = 1024;

    private static final int FIRST = 8;

    private final TcpConnection c;
    private long[] positions = new long[0];
    /** Stages that are to be told, bits. */
    private byte[] due = new byte[0];

    private int first;
    private int count;

    SendMarks(final TcpConnection c) {
        this.c = c;
    }

    /** Asks for the last byte queued, beside what was asked of it before. */
    void add(final int stages) {
        final long position = c.transmit().tail() - 1;
        final int last = (first + count - 1) & (due.length - 1);
        if (count > 0 && positions[last] == position) {
            due[last] |= (byte) stages;
            return;
        }
        if (count == due.length && !grow()) {
            c.engine.counters.increment(StackCounter.SEND_STAGES_LOST);
            return;
        }
        final int at = (first + count) & (due.length - 1);
        positions[at] = position;
        due[at] = (byte) stages;
        count++;
    }

    /** A packet with bytes from a position on was made, and is handed on. */
    void onPacket(final IpOutput output, final long handle, final long position, final int length) {
        final long end = position + length;
        boolean watched = false;
        for (int i = from(position); i < count; i++) {
            final int at = (first + i) & (due.length - 1);
            if (positions[at] >= end) {
                break;
            }
            take(at, SendStage.SCHEDULED, c.engine.now());
            watched |= SendStage.SENT.isIn(due[at]);
        }
        if (watched) {
            output.watch(handle, this, position, end);
        }
    }

    @Override
    public void onTransmitted(final long position, final long end, final long now) {
        for (int i = from(position); i < count; i++) {
            final int at = (first + i) & (due.length - 1);
            if (positions[at] >= end) {
                break;
            }
            take(at, SendStage.SENT, now);
        }
    }

    /** All before a position is acknowledged. */
    void acknowledged(final long position, final long now) {
        while (count > 0 && positions[first] < position) {
            take(first, SendStage.ACKNOWLEDGED, now);
            first = (first + 1) & (due.length - 1);
            count--;
        }
    }

    private void take(final int at, final SendStage stage, final long now) {
        if (stage.isIn(due[at])) {
            due[at] &= (byte) ~stage.bit();
            c.engine.stages.add(c, stage.ordinal(), positions[at], now);
        }
    }

    /** Which of them is the first at a position or behind it. */
    private int from(final long position) {
        int low = 0;
        int high = count;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (positions[(first + middle) & (due.length - 1)] < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean grow() {
        final int old = due.length;
        if (old == MOST) {
            return false;
        }
        final int more = old == 0 ? FIRST : 2 * old;
        final long[] grownPositions = new long[more];
        final byte[] grownDue = new byte[more];
        for (int i = 0; i < count; i++) {
            grownPositions[i] = positions[(first + i) & (old - 1)];
            grownDue[i] = due[(first + i) & (old - 1)];
        }
        positions = grownPositions;
        due = grownDue;
        first = 0;
        return true;
    }
}
