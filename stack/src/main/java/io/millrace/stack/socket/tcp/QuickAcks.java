package io.millrace.stack.socket.tcp;

/**
 * Which acknowledgments wait for company (RFC 9293 section 3.8.6.3). The first of a connection do not, for the peer's slow
 * start; but as on Linux they do from when the application answers, since an acknowledgment goes along with an answer, until
 * one has waited for an answer that did not come, or until something came twice.
 *
 * <p>A connection keeps one byte of it: how many do not wait, from the second bit on, and what {@link #ANSWERS} says.
 */
final class QuickAcks {
    /** Most that do not wait. */
    static final int MOST = 0x7F;

    /** The application answers what it receives. */
    private static final int ANSWERS = 1;

    private static final int ONE = ANSWERS + 1;
    private static final int MILLISECOND = 1_000;

    private QuickAcks() {}

    /** What a connection begins with. */
    static byte first(final int count) {
        return (byte) (Math.min(count, MOST) * ONE);
    }

    private static boolean anyLeft(final TcpConnection c) {
        return (c.quickAcks & 0xFF) >= ONE;
    }

    /** Whether an acknowledgment may wait for what else may have to be said. */
    static boolean mayWait(final TcpConnection c) {
        return !areOn(c) && c.settings().delayedAck() > 0 && !PathAdvice.of(c).quickAck();
    }

    /** Whether what comes next is acknowledged at once. */
    static boolean areOn(final TcpConnection c) {
        return anyLeft(c) && (c.quickAcks & ANSWERS) == 0;
    }

    /** The application turns them on, which does not stay for ever, or off. */
    static void set(final TcpConnection c, final boolean on) {
        c.quickAcks = (byte) (on ? MOST * ONE : 0);
    }

    /** An acknowledgment that was owed is sent. */
    static void onSent(final TcpConnection c) {
        if (anyLeft(c)) {
            c.quickAcks = (byte) (c.quickAcks - ONE);
        }
    }

    /** New data leaves: is it an answer to what is not acknowledged, or was received a moment ago? */
    static void onNewData(final TcpConnection c, final long now) {
        if (areOn(c) && (c.owesAck() || isTextNew(c, now))) {
            c.quickAcks |= ANSWERS;
        }
    }

    private static boolean isTextNew(final TcpConnection c, final long now) {
        final int age = (int) (now / MILLISECOND) - c.textReceived;
        return c.dataSegmentsIn > 0
                && age >= 0
                && age * (long) MILLISECOND < c.settings().delayedAck();
    }

    /** No answer came while an acknowledgment waited for it, or the peer did not know what had arrived. */
    static void expectNoAnswer(final TcpConnection c) {
        c.quickAcks &= ~ANSWERS;
    }
}
