package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.keys.TcpKeys;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a connection in TIME-WAIT: enough to answer a repeated FIN and to tell a new connection's SYN from an
 * old one's (RFC 9293 section 3.6.1, RFC 6191).
 */
final class TimeWait extends TcpFlow {
    final int sndNxt;
    final int rcvNxt;
    /** Window as the header tells it, and what it is in bytes. */
    final int window;

    final int windowBytes;
    final boolean timestamps;
    final int tsOffset;
    int tsRecent;
    /** Sign what is answered; null if the connection had none. */
    final @Nullable TcpKeys keys;

    /** Of its packets, as the connection's were. */
    final short hopLimit;

    final short trafficClass;
    /** Flags of what is answered: those that count marks (RFC 9768 section 3.2.2). */
    final short flags;

    final int flowLabel;

    final long entered;
    long answeredAt;

    TimeWait(final TcpConnection c, final int window, final long now) {
        super(c);
        this.sndNxt = c.max;
        this.rcvNxt = c.rcvNxt;
        this.window = window;
        this.windowBytes = window << c.receiveShift;
        this.timestamps = c.timestamps;
        this.tsOffset = c.tsOffset;
        this.tsRecent = c.tsRecent;
        this.keys = c.settings().keysOrNull();
        this.hopLimit = (short) c.settings().hopLimit();
        this.trafficClass = (short) c.settings().trafficClass();
        final AccurateEcn accurate = c.accurateEcn();
        this.flags = (short) (accurate == null ? 0 : accurate.counter());
        this.flowLabel = c.settings().flowLabel();
        this.entered = now;
        this.answeredAt = now - TcpEngine.SECOND;
    }
}
