package io.millrace.stack.random;

/** What all stacks of one host must hash alike, since a peer cannot know which of them it speaks to. */
public enum HostSecret {
    /**
     * Initial sequence numbers (RFC 6528) and offsets of timestamps (RFC 7323), which must grow from one connection
     * between two ends to the next.
     */
    FLOWS,
    /** SYN cookies (RFC 4987): whose they are. */
    COOKIE_FLOWS,
    /** SYN cookies: what they say. */
    COOKIES,
    /** Fast Open cookies (RFC 7413). */
    FAST_OPEN
}
