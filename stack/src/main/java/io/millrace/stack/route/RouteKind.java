package io.millrace.stack.route;

/** What happens to packets that a route leads. */
public enum RouteKind {
    /** They are sent to the gateway, or to the destination itself. */
    UNICAST(""),
    /** They are received: every address of the prefix is one of ours on the route's interface (any-IP). */
    LOCAL("local "),
    /** They are refused, and whoever sent them is told. */
    UNREACHABLE("unreachable "),
    /** They are dropped in silence. */
    BLACKHOLE("blackhole ");

    private final String text;

    RouteKind(final String text) {
        this.text = text;
    }

    /** What stands before the destination in the text of {@code ip route}. */
    String text() {
        return text;
    }
}
