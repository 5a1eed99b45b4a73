package io.millrace.stack.iface.forward;

/** How a router checks where a packet's source is before it forwards it, against forged ones (RFC 3704). */
public enum ReversePath {
    /** Not at all. */
    OFF,
    /** The best route to the source must lead back by the interface that the packet came in by; wrong with asymmetry. */
    STRICT,
    /** There must be a route to the source, by whichever interface. */
    LOOSE
}
