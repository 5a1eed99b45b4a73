package io.millrace.stack.route;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the paths that a route leads to, as {@code ip route} has it. 0, null and false stand for what is not
 * known: then links and {@link io.millrace.stack.socket.tcp.config.TcpConfig} decide. A connection has what the route
 * says when it begins; {@link #mtu} holds for every packet. Immutable.
 *
 * @param mtu longest IP packet, bytes: {@link #LEAST_MTU}, for IPv6 {@link #LEAST_MTU_V6}, to {@link #MOST_MTU}; the
 *     link's if that is less
 * @param mtuLocked whether it stays, whatever routers tell: their reports are ignored, and IPv4 segments of TCP may be
 *     cut on their way
 * @param advertisedMss largest MSS that TCP announces, bytes: {@link #LEAST_MSS} to {@link #MOST_MSS}
 * @param initialWindow segments that TCP sends at first (RFC 6928 section 2): 1 to {@link #MOST_SEGMENTS}
 * @param initialReceiveWindow segments that TCP lets a peer send at first, from where the window grows as it is used: 1
 *     to {@link #MOST_SEGMENTS}
 * @param minRto least by which the retransmission timeout exceeds the round-trip time, microseconds:
 *     {@link #LEAST_RTO} to {@link #MOST_RTO}
 * @param quickAck whether acknowledgments are never delayed
 * @param congestion congestion control of connections that choose none; null for the usual one
 * @param ecn whether TCP asks for congestion notification, and accepts it (RFC 3168), even if it else does not
 */
public record RouteMetrics(
        int mtu,
        boolean mtuLocked,
        int advertisedMss,
        int initialWindow,
        int initialReceiveWindow,
        int minRto,
        boolean quickAck,
        @Nullable CongestionAlgorithm congestion,
        boolean ecn) {
    /** Nothing is known. */
    public static final RouteMetrics NONE = new RouteMetrics(0, false, 0, 0, 0, 0, false, null, false);

    /** Least MTU of IPv4 (RFC 791), bytes. */
    public static final int LEAST_MTU = 68;

    /** Least MTU of IPv6 (RFC 8200 section 5), bytes. */
    public static final int LEAST_MTU_V6 = 1_280;

    /** Greatest MTU, bytes: as for Linux. */
    public static final int MOST_MTU = 65_520;

    /** Least MSS, bytes: of a packet of {@link #LEAST_MTU}. */
    public static final int LEAST_MSS = 28;

    /** Greatest MSS, bytes: as for Linux. */
    public static final int MOST_MSS = 65_495;

    /** Least of {@link #minRto}, microseconds. */
    public static final int LEAST_RTO = 1_000;

    /** Greatest of {@link #minRto}, microseconds. */
    public static final int MOST_RTO = 60_000_000;

    /** Greatest of {@link #initialWindow} and {@link #initialReceiveWindow}. */
    public static final int MOST_SEGMENTS = 10_000;

    private static final List<String> WORDS =
            List.of("mtu", "advmss", "initcwnd", "initrwnd", "rto_min", "quickack", "congctl", "features");

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the first that is wrong
     */
    public RouteMetrics {
        require("mtu", mtu, LEAST_MTU, MOST_MTU);
        require("advmss", advertisedMss, LEAST_MSS, MOST_MSS);
        require("initcwnd", initialWindow, 1, MOST_SEGMENTS);
        require("initrwnd", initialReceiveWindow, 1, MOST_SEGMENTS);
        require("rto_min", minRto, LEAST_RTO, MOST_RTO);
        if (mtuLocked && mtu == 0) {
            throw new IllegalArgumentException("a lock without mtu; say which");
        }
    }

    private static void require(final String name, final int value, final int least, final int most) {
        if (value != 0 && (value < least || value > most)) {
            throw new IllegalArgumentException(name + " " + value + "; it is " + least + " to " + most);
        }
    }

    /**
     * Reads what {@code ip route} takes: {@code mtu [lock] N}, {@code advmss N}, {@code initcwnd N}, {@code initrwnd N},
     * {@code rto_min [lock] TIME}, {@code quickack 0|1}, {@code congctl [lock] NAME}, {@code features ecn}, in any
     * order, with spaces between.
     *
     * @throws IllegalArgumentException if something is not understood, saying what and what to write instead
     */
    public static RouteMetrics parse(final String text) {
        return text.isBlank() ? NONE : new Reader(Arrays.asList(text.strip().split("\\s+"))).read();
    }

    /** As {@link #parse} reads it and {@code ip route} prints it; empty if nothing is known. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        add(text, mtuLocked ? "mtu lock" : "mtu", mtu);
        add(text, "advmss", advertisedMss);
        add(text, "initcwnd", initialWindow);
        if (ecn) {
            text.append(" features ecn");
        }
        if (minRto != 0) {
            text.append(" rto_min lock ").append(minRto % 1000 == 0 ? minRto / 1000 + "ms" : minRto + "us");
        }
        add(text, "initrwnd", initialReceiveWindow);
        add(text, "quickack", quickAck ? 1 : 0);
        if (congestion != null) {
            text.append(" congctl ").append(name(congestion));
        }
        return text.isEmpty() ? "" : text.substring(1);
    }

    private static void add(final StringBuilder text, final String name, final int value) {
        if (value != 0) {
            text.append(' ').append(name).append(' ').append(value);
        }
    }

    private static String name(final CongestionAlgorithm algorithm) {
        return algorithm.name().toLowerCase(Locale.ROOT);
    }

    /** The words of a text, one after another. */
    private static final class Reader {
        private final List<String> words;
        private int at;
        private int mtu;
        private boolean locked;
        private int advertisedMss;
        private int initialWindow;
        private int initialReceiveWindow;
        private int minRto;
        private boolean quickAck;
        private @Nullable CongestionAlgorithm congestion;
        private boolean ecn;

        Reader(final List<String> words) {
            this.words = words;
        }

        RouteMetrics read() {
            while (at < words.size()) {
                final String word = words.get(at++);
                switch (word) {
                    case "mtu" -> {
                        locked = skipLock();
                        mtu = number(word);
                    }
                    case "advmss" -> advertisedMss = number(word);
                    case "initcwnd" -> initialWindow = number(word);
                    case "initrwnd" -> initialReceiveWindow = number(word);
                    case "rto_min" -> {
                        skipLock();
                        minRto = time(next(word), word);
                    }
                    case "quickack" -> quickAck = flag(next(word), word);
                    case "congctl" -> {
                        skipLock();
                        congestion = algorithm(next(word));
                    }
                    case "features" -> {
                        final String feature = next(word);
                        if (!feature.equals("ecn")) {
                            throw new IllegalArgumentException("no feature '" + feature + "'; there is ecn");
                        }
                        ecn = true;
                    }
                    default ->
                        throw new IllegalArgumentException(
                                "no metric '" + word + "' of routes; there are " + String.join(", ", WORDS));
                }
            }
            return new RouteMetrics(
                    mtu, locked, advertisedMss, initialWindow, initialReceiveWindow, minRto, quickAck, congestion, ecn);
        }

        private boolean skipLock() {
            final boolean lock = at < words.size() && words.get(at).equals("lock");
            at += lock ? 1 : 0;
            return lock;
        }

        private String next(final String name) {
            if (at == words.size()) {
                throw new IllegalArgumentException(name + " has no value; write it behind");
            }
            return words.get(at++);
        }

        private int number(final String name) {
            final int value = whole(next(name), name);
            if (value == 0) {
                throw new IllegalArgumentException(name + " 0; leave it out for the usual value");
            }
            return value;
        }

        private static int whole(final String text, final String name) {
            try {
                return Integer.parseInt(text);
            } catch (final NumberFormatException e) {
                throw new IllegalArgumentException(name + " '" + text + "' is no whole number", e);
            }
        }

        /** Microseconds. Without a unit it is milliseconds, as for ip. */
        private static int time(final String text, final String name) {
            final String digits = text.replaceFirst("(us|ms|s)$", "");
            final int unit = text.endsWith("us") ? 1 : text.endsWith("ms") || digits.equals(text) ? 1_000 : 1_000_000;
            final int micros = (int) Math.min((long) whole(digits, name) * unit, Integer.MAX_VALUE);
            if (micros <= 0) {
                throw new IllegalArgumentException(name + " " + text + "; write a time such as 50ms");
            }
            return micros;
        }

        private static boolean flag(final String text, final String name) {
            if (!text.equals("0") && !text.equals("1")) {
                throw new IllegalArgumentException(name + " " + text + "; it is 0 or 1");
            }
            return text.equals("1");
        }

        private static CongestionAlgorithm algorithm(final String text) {
            final CongestionAlgorithm algorithm = CongestionAlgorithm.named(text);
            if (algorithm != null) {
                return algorithm;
            }
            throw new IllegalArgumentException("congctl '" + text + "' is none of "
                    + Arrays.toString(CongestionAlgorithm.values()).toLowerCase(Locale.ROOT));
        }
    }
}
