package io.millrace.stack.socket.tcp.congestion;

/** The algorithms there are. */
public enum CongestionAlgorithm {
    /** RFC 5681. */
    RENO,
    /** RFC 9438. */
    CUBIC;

    static final int RENO_TAG = 0;
    static final int CUBIC_TAG = 1;

    int tag() {
        return this == RENO ? RENO_TAG : CUBIC_TAG;
    }
}
