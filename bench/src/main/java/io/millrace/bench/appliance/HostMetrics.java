package io.millrace.bench.appliance;

import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.linux.LinuxMetrics;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;

/** What is known of the paths of a route, from Linux's words into the stack's and back. */
final class HostMetrics {
    private static final int MICROS = 1_000;

    private HostMetrics() {}

    /** Linux's, but for values that the stack does not know or that are out of its range. */
    static RouteMetrics toRouter(LinuxMetrics linux, int family) {
        if (linux.equals(LinuxMetrics.NONE)) {
            return RouteMetrics.NONE;
        }
        final int least = family == Linux.AF_INET ? RouteMetrics.LEAST_MTU : RouteMetrics.LEAST_MTU_V6;
        final int mtu = within(linux.mtu(), least, RouteMetrics.MOST_MTU);
        return new RouteMetrics(
                mtu,
                linux.mtuLocked() && mtu != 0,
                within(linux.advertisedMss(), RouteMetrics.LEAST_MSS, RouteMetrics.MOST_MSS),
                within(linux.initialWindow(), 1, RouteMetrics.MOST_SEGMENTS),
                within(linux.initialReceiveWindow(), 1, RouteMetrics.MOST_SEGMENTS),
                within(linux.minRtoMillis(), 1, RouteMetrics.MOST_RTO / MICROS) * MICROS,
                linux.quickAck(),
                CongestionAlgorithm.named(linux.congestion()),
                linux.ecn());
    }

    private static int within(int value, int least, int most) {
        return value >= least && value <= most ? value : 0;
    }

    /** The stack's, but for the congestion control: Linux takes no route with one that it does not have. */
    static LinuxMetrics toLinux(RouteMetrics metrics) {
        return new LinuxMetrics(
                metrics.mtu(),
                metrics.mtuLocked(),
                metrics.advertisedMss(),
                metrics.initialWindow(),
                metrics.initialReceiveWindow(),
                (metrics.minRto() + MICROS - 1) / MICROS,
                metrics.quickAck(),
                "",
                metrics.ecn());
    }
}
