package io.millrace.stack.socket.tcp;

import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpOffer;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;

/**
 * What the route to a peer says of connections there: looked up when they begin, and kept by those it says anything of.
 */
final class PathAdvice {
    private PathAdvice() {}

    /** What the route of a connection said when that began. */
    static RouteMetrics of(final TcpConnection c) {
        return c.settings().route;
    }

    /** A connection begins. */
    static void take(final TcpConnection c, final RouteMetrics metrics) {
        if (metrics.equals(RouteMetrics.NONE)) {
            return;
        }
        final TcpOptions options = c.ownOptions();
        options.route = metrics;
        if (metrics.mtuLocked()) {
            options.dontFragment(false); // nobody would hear that a segment is too long
        }
        final CongestionAlgorithm usual = c.engine.config.features().congestionControl();
        final CongestionAlgorithm told = metrics.congestion();
        if (told != null && c.congestion.algorithm() == usual) {
            options.congestion(told);
        }
    }

    /** The MSS to announce. */
    static int announcedMss(final RouteMetrics metrics, final int most) {
        return metrics.advertisedMss() == 0 ? most : Math.min(most, metrics.advertisedMss());
    }

    /** Bytes that a peer may send at first. */
    static int firstWindow(final RouteMetrics metrics, final int mss, final int most) {
        return metrics.initialReceiveWindow() == 0 ? most : Math.min(most, metrics.initialReceiveWindow() * mss);
    }

    /** Bytes that may wait to be read before the buffer grows. */
    static int receiveBuffer(final TcpConnection c) {
        return firstWindow(of(c), c.announcedMss, c.engine.config.buffers().receiveBuffer());
    }

    /** Whether a peer, or ours, that asks for congestion notification gets it. */
    static boolean acceptsEcn(final RouteMetrics metrics, final TcpOffer offer) {
        return offer.ecn() != EcnMode.OFF || metrics.ecn();
    }

    /** Whether our SYN asks for congestion notification. */
    static boolean asksForEcn(final TcpConnection c) {
        return c.engine.offer().ecn().requests() || of(c).ecn();
    }

    /** A round trip was measured. */
    static void sample(final TcpConnection c, final long micros) {
        final int min = of(c).minRto();
        c.rtt.sample(
                micros, min == 0 ? c.settings().minRto() : min, c.settings().maxRto());
    }
}
