package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;

/** What is sent for flows that are not connections yet, or no more: half-open ones and those in TIME-WAIT. */
final class ControlSegments {
    private final TcpEngine engine;
    private final SegmentWriter writer;
    private final TcpRepr header;

    ControlSegments(final TcpEngine engine, final SegmentWriter writer) {
        this.engine = engine;
        this.writer = writer;
        this.header = writer.header;
    }

    /** Answers a SYN. */
    void sendSynAck(final HalfOpen half, final long now) {
        synAck(half, now);
        final boolean options =
                engine.offer().accurateEcnOption() && !half.listener.settings().withoutOptions();
        if (half.offersCookie && half.retries == 0) {
            header.fastOpen = FastOpenKeys.COOKIE_LENGTH;
            header.fastOpenExperimental = half.experimental;
            header.cookieHi = half.listener.fastOpen().keys().cookie(half);
            header.cookieLo = 0;
        }
        Signatures.fit(header, half);
        if (half.accurateEcn && half.retries == 0 && options) {
            AccurateEcn.tellNothing(header);
        }
        writer.write(half, null, 0, 0);
    }

    /** Answers a SYN of which nothing is kept. */
    void sendCookie(final HalfOpen half, final long now) {
        synAck(half, now);
        if (half.timestamps) {
            header.tsVal = SynCookies.timestamp(header.tsVal, half.scaling ? half.sendShift : -1, half.sack, half.ecn);
        } else {
            header.flags &= ~AccurateEcn.FLAGS;
            header.windowShift = -1;
            header.sackPermitted = false;
        }
        writer.write(half, null, 0, 0);
    }

    private void synAck(final HalfOpen half, final long now) {
        header.clear();
        header.flags = TcpView.SYN | TcpView.ACK | half.ecnFlags();
        header.seq = half.iss;
        header.ack = half.irs + 1;
        header.window = half.firstWindow();
        header.mss = half.listener.settings().withoutOptions() ? 0 : half.announcedMss;
        header.windowShift = half.scaling ? half.receiveShift : -1;
        header.sackPermitted = half.sack;
        if (half.timestamps) {
            header.timestamps = true;
            header.tsVal = FlowSecrets.timestamp(half.tsOffset, now);
            header.tsEcr = half.tsRecent;
        }
        if (half.retries > 0) {
            engine.counters.increment(StackCounter.TCP_RETRANSMITS);
        }
    }

    /** Acknowledges for a half-open connection. */
    void acknowledgeFor(final HalfOpen half, final long now) {
        header.clear();
        header.flags = TcpView.ACK | (half.accurateEcn ? AccurateEcn.counter(0) : 0);
        header.seq = half.iss + 1;
        header.ack = half.irs + 1;
        header.window = half.firstWindow() >>> half.receiveShift;
        if (half.timestamps) {
            header.timestamps = true;
            header.tsVal = FlowSecrets.timestamp(half.tsOffset, now);
            header.tsEcr = half.tsRecent;
        }
        writer.write(half, null, 0, 0);
    }

    /** Acknowledges for a connection in TIME-WAIT. */
    void acknowledgeFor(final TimeWait old, final long now) {
        header.clear();
        header.flags = TcpView.ACK | old.flags;
        header.seq = old.sndNxt;
        header.ack = old.rcvNxt;
        header.window = old.window;
        if (old.timestamps) {
            header.timestamps = true;
            header.tsVal = FlowSecrets.timestamp(old.tsOffset, now);
            header.tsEcr = old.tsRecent;
        }
        writer.write(old, null, 0, 0);
    }
}
