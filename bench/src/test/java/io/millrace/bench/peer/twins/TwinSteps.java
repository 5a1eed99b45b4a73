package io.millrace.bench.peer.twins;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Makes cases up, each from its seed. */
final class TwinSteps {
    static final List<String> SITUATIONS = List.of(
            "closed",
            "listen",
            "cookies",
            "syn-sent",
            "syn-received",
            "established",
            "opened",
            "sent",
            "fin-wait-1",
            "fin-wait-2",
            "close-wait",
            "closing",
            "last-ack",
            "time-wait",
            "closed-fin-wait-1",
            "closed-fin-wait-2");

    private static final Set<String> CLOSED_BY_PEER = Set.of("close-wait", "closing", "last-ack", "time-wait");

    private static final Set<String> UNESTABLISHED =
            Set.of("closed", "listen", "cookies", "syn-sent", "syn-received", "opened");

    /** What the peer offers. */
    private static final int WINDOW = 20_000;

    /** From here on numbers are either right or far from that: near ones may pass for another of Linux's cookies. */
    private static final int FAR = 8;

    /** Farther from old timestamps than any case has steps. */
    private static final int FIRST_TICK = 100;

    private final SplittableRandom random;
    private final List<String> steps = new ArrayList<>();
    private final boolean timestamps;
    private final boolean sack;
    private final boolean scaling;
    /** Whether FINs come; else text comes out of order, which a FIN might contradict. */
    private final boolean ends;

    /** Whether what is echoed may be wrong: Linux wants it right as long as a connection is not established. */
    private boolean echoes;

    private boolean cookies;

    /** Whether the peer has closed its side at the start. */
    private boolean closes;

    private int tick = FIRST_TICK;

    private TwinSteps(long seed) {
        random = new SplittableRandom(seed);
        timestamps = random.nextBoolean();
        sack = random.nextBoolean();
        scaling = random.nextBoolean();
        ends = random.nextBoolean();
    }

    /** The case of a seed in a situation. */
    static TwinCase make(String situation, long seed, int length) {
        return new TwinSteps(seed).make(situation, length);
    }

    private TwinCase make(String situation, int length) {
        echoes = !UNESTABLISHED.contains(situation);
        cookies = situation.equals("cookies");
        closes = CLOSED_BY_PEER.contains(situation);
        final boolean ipv6 = random.nextBoolean();
        final int first = random.nextInt(4) == 0 ? -random.nextInt(3_000) : random.nextInt();
        enter(situation);
        for (int i = 0; i < length; i++) {
            steps.add(random.nextInt(4) == 0 ? call() : segment());
        }
        return new TwinCase(first, ipv6, scaling, timestamps, cookies, List.copyOf(steps));
    }

    private void enter(String situation) {
        switch (situation) {
            case "closed" -> {}
            case "listen", "cookies" -> steps.add("listen");
            case "syn-sent" -> steps.add("connect");
            case "syn-received" -> {
                steps.add("listen");
                steps.add(syn("S", "iss+0"));
            }
            case "opened" -> {
                steps.add("connect");
                steps.add(syn("SA", "max+0"));
            }
            default -> established(situation);
        }
    }

    private void established(String situation) {
        steps.add("listen");
        steps.add(syn("S", "iss+0"));
        plain("A", "nxt+0", "max+0", 0);
        steps.add("accept");
        switch (situation) {
            case "sent" -> steps.add("send " + random.nextInt(1, 8_000));
            case "fin-wait-1" -> steps.add("shutdown 1");
            case "closed-fin-wait-1" -> steps.add("close");
            case "fin-wait-2", "closed-fin-wait-2" -> {
                steps.add(situation.equals("fin-wait-2") ? "shutdown 1" : "close");
                plain("A", "nxt+0", "max+0", 0);
            }
            case "close-wait" -> plain("FA", "nxt+0", "max+0", 0);
            case "closing" -> {
                steps.add("shutdown 1");
                plain("FA", "nxt+0", "una+0", 0);
            }
            case "last-ack" -> {
                plain("FA", "nxt+0", "max+0", 0);
                steps.add("shutdown 1");
            }
            case "time-wait" -> {
                steps.add("shutdown 1");
                plain("FA", "nxt+0", "max+0", 0);
            }
            default -> {
                // There already.
            }
        }
    }

    private String syn(String flags, String ack) {
        return "seg " + flags + " iss+0 " + ack + " 0 " + WINDOW + " mss=1460" + (scaling ? " ws=2" : "")
                + (sack ? " sackok" : "") + (timestamps ? " ts=" + FIRST_TICK : "");
    }

    private void plain(String flags, String seq, String ack, int length) {
        steps.add("seg " + flags + " " + seq + " " + ack + " " + length + " " + WINDOW
                + (timestamps ? " ts=" + ++tick : ""));
    }

    private String call() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> "send " + pick(1, 100, 1460, 4_000);
            case 6, 7, 8, 9 -> "recv " + pick(1, 100, 40_000);
            case 10, 11 -> "shutdown 1";
            case 12 -> "shutdown " + random.nextInt(3);
            case 13 -> "close";
            case 14 -> random.nextInt(3) == 0 ? "abort" : "error";
            case 15 -> "error";
            case 16 -> random.nextInt(3) == 0 ? "oob 1" : "recv 10";
            case 17, 18 -> "accept";
            default -> random.nextInt(3) == 0 ? "unlisten" : "option 6 1 01000000";
        };
    }

    private String segment() {
        final String flags = ends ? flags() : flags().replaceFirst("^F$", "A").replace("F", "");
        final int length = random.nextInt(5) < 2 ? 0 : pick(1, 10, 100, 536, 1_000, 1_400);
        final StringBuilder step = new StringBuilder("seg ").append(flags);
        final String sequence =
                flags.contains("S") ? sequence(length).replaceFirst("edge.*", "iss+0") : sequence(length);
        step.append(' ').append(sequence).append(' ').append(acknowledgment());
        step.append(' ').append(length).append(' ').append(WINDOW);
        if (flags.contains("S") && random.nextInt(4) != 0) {
            step.append(" mss=1460").append(scaling ? " ws=2" : "").append(sack ? " sackok" : "");
        }
        if (timestamps ? random.nextInt(12) != 0 : random.nextInt(40) == 0) {
            tick += random.nextInt(3);
            step.append(" ts=")
                    .append(
                            random.nextInt(8) == 0 && !flags.contains("R")
                                    ? tick - pick(FIRST_TICK / 2, 100_000)
                                    : tick);
            step.append(
                    echoes && !flags.contains("R") && random.nextInt(10) == 0
                            ? " ecr=" + pick(-1, 1, -10_000, 10_000)
                            : "");
        }
        if (sack && flags.contains("A") && !flags.contains("S") && random.nextInt(6) == 0) {
            step.append(" sack=").append(block());
            for (int more = random.nextInt(3); more > 0; more--) { // three fit beside timestamps
                step.append(':').append(block());
            }
        }
        if (flags.contains("U")) {
            step.append(" urg=").append(pick(1, 5, 100, 65_535));
        }
        if (random.nextInt(40) == 0) {
            step.append(
                    random.nextBoolean()
                            ? " bad=" + TwinSegments.Defect.values()[random.nextInt(1, 4)]
                            : " raw="
                                    + List.of("0801", "08ff", "0502", "0500", "feff", "1e02", "fd04", "0204", "00ffff")
                                            .get(random.nextInt(9)));
        }
        return step.toString();
    }

    private String block() {
        final int from = pick(-1, 0, 1, 100, 1_460, 2_920, -1_000, 20_000);
        return "una" + signed(from) + ":una" + signed(from + pick(1, 100, 1_460, 2_920, 0, -1));
    }

    private String flags() {
        return switch (random.nextInt(25)) {
            case 0 -> "R";
            case 1 -> "RA";
            case 2 -> "S";
            case 3 -> "SA";
            case 4 -> random.nextInt(3) == 0 ? "" + "-" : "F";
            case 5 -> "UA";
            case 6, 7, 8 -> "FA";
            case 9 -> TwinSegments.letters(random.nextInt(64));
            case 10, 11, 12 -> "PA";
            default -> "A";
        };
    }

    private String sequence(int length) {
        final boolean ahead = !ends && !closes;
        return switch (random.nextInt(cookies ? FAR : 0, 20)) {
            case 0 -> "nxt" + signed(ahead ? pick(-1, 1) : -1);
            case 1 -> "nxt" + signed(pick(-length, -length - 1, ahead ? 1 - length : Math.min(0, 1 - length)));
            case 2, 3 -> ahead ? "nxt" + signed(pick(100, 1_000, 1_400, 3_000)) : "nxt+0";
            case 4 -> "nxt" + signed(-pick(100, 1_000, 1_400, 3_000));
            case 5 -> "edge" + signed(ahead ? pick(-1, length == 0 ? 0 : 1, 1) : 1);
            case 6 -> "edge" + signed(ahead ? pick(-length, 1 - length, -length - 1, 1_000) : 1_000);
            case 7 -> "iss" + signed(pick(0, 1));
            case FAR -> "nxt" + signed(pick(70_000, -70_000, 1_000_000_000, -1_000_000_000, 2_000_000_000));
            default -> "nxt+0";
        };
    }

    private String acknowledgment() {
        return switch (random.nextInt(cookies ? FAR : 0, 20)) {
            case 0 -> "max" + signed(pick(1, -1, 2));
            case 1 -> "una" + signed(pick(-1, 1));
            case 2, 3, 4 -> "una+0";
            case 5 -> "una" + signed(pick(100, 1_460, 2_920));
            case 6 -> random.nextBoolean() ? "una" + signed(-pick(100, 1_000, 30_000)) : "max+70000";
            case 7 -> "iss" + signed(pick(0, 1));
            case FAR -> "una" + signed(pick(-70_000, -1_000_000_000, 1_000_000_000));
            default -> "max+0";
        };
    }

    private static String signed(int number) {
        return number < 0 ? Integer.toString(number) : "+" + number;
    }

    private int pick(int... values) {
        return values[random.nextInt(values.length)];
    }
}
