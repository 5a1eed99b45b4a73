package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.wire.TcpRepr;
import org.jspecify.annotations.Nullable;

/**
 * What a connection needs beside the usual that a SYN opened, until its handshake is complete. It is in SYN-RECEIVED, and
 * sends and is read as if it were established. Our SYN counts as acknowledged, so that both queues are where they are
 * afterwards: the SYN-ACK has its own timer, and nothing else is sent again before it is answered.
 */
final class FastOpenPending {
    final TcpListener<?> listener;
    /** The peer's first sequence number. */
    final int irs;

    final long started;
    /** Whether the SYN-ACK tells a fresh cookie, in which form. */
    final boolean offersCookie;

    final boolean experimental;
    /** The SYN was seen, its data taken. */
    boolean begun;
    /** A SYN-ACK is to be sent. */
    boolean answerDue;
    /** SYN-ACKs sent again, by the timer or since the SYN came again. */
    byte retries;

    FastOpenPending(final HalfOpen half, final boolean offersCookie, final boolean experimental) {
        this.listener = half.listener;
        this.irs = half.irs;
        this.started = half.started;
        this.offersCookie = offersCookie;
        this.experimental = experimental;
    }

    /** That of a connection; null if it is none of these. */
    static @Nullable FastOpenPending of(final TcpConnection c) {
        if (c.state != TcpState.SYN_RECEIVED) {
            return null;
        }
        final Transfer transfer = c.transferOrNull();
        return transfer == null ? null : transfer.pending;
    }

    /** Adds the cookie to the header of a SYN-ACK, once. */
    void addCookie(final TcpConnection c, final TcpRepr header) {
        if (offersCookie && retries == 0) {
            header.fastOpen = FastOpenKeys.COOKIE_LENGTH;
            header.fastOpenExperimental = experimental;
            header.cookieHi = listener.fastOpen().keys().cookie(c);
            header.cookieLo = 0;
        }
    }
}
