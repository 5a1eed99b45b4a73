package io.millrace.stack.route;

import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What many routes share: where packets go.
 *
 * @param weight share of the flows that it gets among several
 * @param metrics what is known of the paths
 * @param ways numbers of the next hops of equal cost between which flows choose, of which the other parts describe the
 *     first; empty if there is no choice
 */
record NextHop(
        RouteKind kind,
        int interfaceIndex,
        @Nullable IpAddress gateway,
        @Nullable IpAddress preferredSource,
        int weight,
        RouteMetrics metrics,
        List<Integer> ways) {
    static NextHop of(final Route route) {
        return new NextHop(
                route.kind(),
                route.interfaceIndex(),
                route.gateway(),
                route.preferredSource(),
                route.weight(),
                route.metrics(),
                List.of());
    }

    /** The choice between several, of which this is the first. */
    NextHop among(final List<Integer> numbers) {
        return new NextHop(kind, interfaceIndex, gateway, preferredSource, weight, metrics, numbers);
    }
}
