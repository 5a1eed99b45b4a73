package io.millrace.stack.socket.tcp;

import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpOffer;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a peer began to open and a listener answered: all that SYN-RECEIVED needs, in far less memory than a
 * connection takes, since anybody may cause it (RFC 4987 section 3.3, a SYN cache).
 */
final class HalfOpen extends TcpFlow {
    final TcpListener<?> listener;
    final int iss;
    final int irs;
    final char peerMss;
    final char announcedMss;
    final RouteMetrics metrics;
    final int window;
    final byte sendShift;
    final byte receiveShift;
    final boolean scaling;
    final boolean timestamps;
    final boolean sack;
    /** The peer asked for congestion notification, each time that it sent its SYN, or it is accurate. */
    boolean ecn;

    /** The peer asked for accurate notification first. */
    final boolean accurateEcn;
    /** Code point of its last SYN. */
    byte codePoint;
    /** It sent one that does not ask. */
    boolean withoutEcn;

    /** Of the SYN's authentication option; see {@link AoSignatures}. */
    final int keyId;

    final int nextKeyId;

    final int tsOffset;
    int tsRecent;
    final long started;
    /** Since when what is out of place is counted that is answered; 0 if nothing was. */
    long answersFrom;

    short answersLeft;
    /** The headers of the SYN; null unless the listener keeps them. */
    byte @Nullable [] saved;

    byte retries;
    /** Made from a cookie: when the SYN came is not known. */
    boolean fromCookie;
    /** The SYN-ACK, when it is sent first, tells a Fast Open cookie. */
    boolean offersCookie;
    /** In the form from before RFC 7413. */
    boolean experimental;
    /** The peer answered, and is to send something before the connection is one ({@link TcpListener#deferAccept()}). */
    boolean deferred;

    HalfOpen(
            final TcpFlow flow,
            final TcpListener<?> listener,
            final int iss,
            final int tsOffset,
            final TcpRepr syn,
            final int announcedMss,
            final RouteMetrics metrics,
            final long now) {
        super(flow);
        final TcpConfig config = listener.engine.config;
        final TcpOffer offer = listener.engine.offer();
        this.listener = listener;
        this.iss = iss;
        this.tsOffset = tsOffset;
        this.irs = syn.seq;
        this.peerMss = (char) TcpHandshake.peerMss(syn, flow.family, config);
        this.announcedMss = (char) announcedMss;
        this.metrics = metrics;
        this.window = syn.window;
        final boolean bare = listener.settings().withoutOptions();
        this.scaling = offer.windowScaling() && !bare && syn.windowShift >= 0;
        this.sendShift = (byte) (scaling ? syn.windowShift : 0);
        this.receiveShift = (byte) (scaling ? TcpHandshake.receiveShift(config, listener.settings()) : 0);
        this.sack = offer.sack() && !bare && syn.sackPermitted;
        // An MD5 signature and timestamps would leave no room for SACK blocks: as on Linux, those are worth more.
        final boolean crowded = sack && Signatures.kind(listener.settings().keysOrNull(), flow) == TcpView.OPTION_MD5;
        this.timestamps = offer.timestamps() && !bare && syn.timestamps && !crowded;
        this.accurateEcn = offer.ecn().acceptsAccurate() && AccurateEcn.isAskedFor(syn);
        this.codePoint = (byte) syn.ecn;
        this.ecn = accurateEcn || (PathAdvice.acceptsEcn(metrics, offer) && Ecn.agreed(syn));
        this.tsRecent = syn.tsVal;
        this.keyId = syn.keyId;
        this.nextKeyId = syn.nextKeyId;
        this.started = now;
    }

    /** The SYN came again; it may have given up asking for congestion notification. */
    void onSynAgain(final TcpRepr syn) {
        codePoint = (byte) syn.ecn;
        if (!accurateEcn) {
            ecn &= Ecn.agreed(syn); // RFC 3168 section 6.1.1
        } else if (AccurateEcn.field(syn) == 0) {
            withoutEcn = true; // RFC 9768 section 3.1.5
        }
    }

    /** ECN flags of the SYN-ACK. */
    int ecnFlags() {
        if (accurateEcn) {
            // From the second time again on, a path may swallow them (RFC 9768 section 3.2.3.2.2).
            return retries > 1 ? 0 : AccurateEcn.answer(codePoint);
        }
        return ecn ? TcpView.ECE : 0;
    }

    /** The window that the SYN-ACK offers. */
    int firstWindow() {
        return PathAdvice.firstWindow(metrics, announcedMss, listener.firstWindow());
    }

    /** Lets the SYN-ACK tell a Fast Open cookie (RFC 7413). */
    void offerCookie(final boolean inExperimentalForm) {
        offersCookie = true;
        experimental = inExperimentalForm;
    }
}
