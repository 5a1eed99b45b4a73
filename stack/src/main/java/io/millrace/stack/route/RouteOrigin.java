package io.millrace.stack.route;

/** Who made a route. */
public enum RouteOrigin {
    /** The network of an interface's own address. */
    CONNECTED("kernel"),
    /** The application or its configuration. */
    STATIC("static"),
    /** A router's redirect message (RFC 792, RFC 4861 section 8). */
    REDIRECT("redirect"),
    /** A router advertisement (RFC 4861 section 4.2, RFC 4191). */
    ADVERTISED("ra"),
    /** The routing table of the host that this stack forwards for, and so its administrator or a routing daemon there. */
    HOST("host");

    private final String text;

    RouteOrigin(final String text) {
        this.text = text;
    }

    /** Whether others on the network can make such routes, so that their number must be bounded. */
    public boolean isLearned() {
        return this == REDIRECT || this == ADVERTISED;
    }

    /** Whether routes of the same destination and metric are ways of equal cost, between which flows choose. */
    boolean isShared() {
        return this == STATIC || this == HOST;
    }

    /** The name that {@code ip route} gives it. */
    @Override
    public String toString() {
        return text;
    }
}
