package io.millrace.stack.socket.tcp.config;

/** What a listener keeps of the SYN that began a connection: TCP_SAVE_SYN. */
public enum SavedSyn {
    /** Nothing, as long as it is not told otherwise. */
    NONE,

    /** The IP header and the TCP header, both with their options. */
    HEADERS,

    /** The link's header before those, which some mediums do not have. */
    LINK_AND_HEADERS
}
