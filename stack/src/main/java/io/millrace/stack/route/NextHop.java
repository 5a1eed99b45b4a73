package io.millrace.stack.route;

import io.millrace.stack.wire.address.IpAddress;
import org.jspecify.annotations.Nullable;

/** What many routes share: where packets go. */
record NextHop(
        RouteKind kind,
        int interfaceIndex,
        @Nullable IpAddress gateway,
        @Nullable IpAddress preferredSource) {
    static NextHop of(final Route route) {
        return new NextHop(route.kind(), route.interfaceIndex(), route.gateway(), route.preferredSource());
    }
}
