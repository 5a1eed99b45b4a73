package io.millrace.bench.socketapi;

/** How far a socket is, as far as options ask. */
enum Standing {
    /** Not connected, or not any more: CLOSED of RFC 9293. */
    CLOSED,
    /** It listens. */
    LISTENING,
    /** It has a connection, or begins one, or that is not over yet. */
    CONNECTED
}
