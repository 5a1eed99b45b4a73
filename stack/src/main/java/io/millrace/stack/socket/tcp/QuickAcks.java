package io.millrace.stack.socket.tcp;

/**
 * Which acknowledgments wait for company (RFC 9293 section 3.8.6.3). The first of a connection do not, for the peer's slow
 * start; but as on Linux they do from when the application answers, since an acknowledgment goes along with an answer, until
 * one has waited for an answer that did not come, or until something came twice or ahead of its turn.
 *
 * <p>A connection keeps one byte of it: how many do not wait, from the third bit on, and what {@link #TEXT_LAST} and
 * {@link #ANSWERS} say.
 */
final class QuickAcks {
    /** Most that do not wait. */
    static final int MOST = 0x3F;

    /** What was received last is text. */
    private static final int TEXT_LAST = 1;

    /** The application answers what it receives. */
    private static final int ANSWERS = 2;

    private static final int FLAGS = TEXT_LAST | ANSWERS;
    private static final int ONE = FLAGS + 1;

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
        c.quickAcks = (byte) ((on ? MOST * ONE : 0) | (c.quickAcks & TEXT_LAST));
    }

    /** A segment was received. */
    static void onReceived(final TcpConnection c, final boolean text) {
        c.quickAcks = (byte) (text ? c.quickAcks | TEXT_LAST : c.quickAcks & ~TEXT_LAST);
    }

    /** An acknowledgment that was owed is sent. */
    static void onSent(final TcpConnection c) {
        if (anyLeft(c)) {
            c.quickAcks -= ONE;
        }
    }

    /** New data leaves: is it an answer to what is not acknowledged, or was received a moment ago? */
    static void onNewData(final TcpConnection c, final long now) {
        if (areOn(c)
                && (c.owesAck()
                        || ((c.quickAcks & TEXT_LAST) != 0
                                && now - c.lastReceived < c.settings().delayedAck()))) {
            c.quickAcks |= ANSWERS;
        }
    }

    /** No answer came while an acknowledgment waited for it, or the peer has to know at once what arrived. */
    static void expectNoAnswer(final TcpConnection c) {
        c.quickAcks &= ~ANSWERS;
    }
}
