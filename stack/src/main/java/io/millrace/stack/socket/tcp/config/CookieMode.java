package io.millrace.stack.socket.tcp.config;

/** When a listener answers SYNs with cookies (RFC 4987 section 3.6), which cost no memory but cannot be sent again. */
public enum CookieMode {
    /** Never: SYNs beyond the limit of half-open connections are dropped. */
    OFF,
    /** For SYNs beyond that limit. */
    WHEN_FULL,
    /** For all, so that no connection is ever half-open. */
    ALWAYS
}
