package io.millrace.config;

/** Transport that a service is reached by. */
public enum Protocol {
    /** A connection for each client. */
    TCP,
    /** Datagrams. */
    UDP
}
