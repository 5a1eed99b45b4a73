package io.millrace.stack.socket.tcp.congestion;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The algorithms there are. In lower case their names are those that TCP_CONGESTION has on other systems. */
public enum CongestionAlgorithm {
    /** RFC 5681. */
    RENO,
    /** RFC 9438. */
    CUBIC,
    /**
     * Data Center TCP (RFC 8257): the window is reduced by the share of segments that routers marked. For networks whose
     * queues mark early, and only there; without congestion notification ({@code EcnMode}) it is Reno.
     */
    DCTCP,
    /**
     * BBR version 3 (draft-ietf-ccwg-bbr): a model of the path instead of a window that grows until something is lost.
     * Bears losses that are not congestion's, and short queues.
     */
    BBR,
    /**
     * TCP Hybla (Caini and Firrincieli, 2004): as Reno over a path of 25 ms, however long the path is, so that connections
     * with long round trips, as over satellites, get as much as those with short ones. Loses more segments than the others
     * where many share a short queue, and is meant to be paced, which it is by default.
     */
    HYBLA,
    /** No congestion window at all. For links of one's own, and to see what the others are worth. */
    NONE;

    static final int RENO_TAG = 0;
    static final int CUBIC_TAG = 1;
    static final int DCTCP_TAG = 2;
    static final int NONE_TAG = 3;
    static final int BBR_TAG = 4;
    static final int HYBLA_TAG = 5;

    private static final CongestionAlgorithm[] BY_TAG = {RENO, CUBIC, DCTCP, NONE, BBR, HYBLA};

    int tag() {
        return switch (this) {
            case RENO -> RENO_TAG;
            case CUBIC -> CUBIC_TAG;
            case DCTCP -> DCTCP_TAG;
            case NONE -> NONE_TAG;
            case BBR -> BBR_TAG;
            case HYBLA -> HYBLA_TAG;
        };
    }

    static CongestionAlgorithm of(final int tag) {
        return BY_TAG[tag];
    }

    /** The algorithm that other systems call {@code name}, for instance "cubic"; null if there is none. */
    public static @Nullable CongestionAlgorithm named(final String name) {
        for (final CongestionAlgorithm algorithm : BY_TAG) {
            if (algorithm.name().toLowerCase(Locale.ROOT).equals(name)) {
                return algorithm;
            }
        }
        return null;
    }
}
