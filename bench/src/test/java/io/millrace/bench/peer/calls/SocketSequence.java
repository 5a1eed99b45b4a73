package io.millrace.bench.peer.calls;

import io.millrace.bench.agent.AgentRig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Plays sequences of {@link SequenceSteps} on Linux's sockets and ours, and compares: what each call answers, or that it
 * waits, and after each what every socket is ready for, its state and how much there is to read.
 */
final class SocketSequence {
    private static final int FIRST_PORT = 12_000;
    private static final int PORTS = 18_000;
    /** As long what waits on both sides waits on. */
    private static final long SETTLE_NANOS = 4_000_000;

    /** As long sockets rest that nobody waits for. */
    private static final long REST_NANOS = 300_000;

    private static final int PATIENCE_SECONDS = 20;
    private static final int TIMES = 3;

    /** Numbers of a socket, Linux's and ours: Linux sets one aside for whoever waits to accept. */
    private record Pair(int theirs, int mine) {}

    /** A call that was begun, the number of Linux's, and where what it opens goes. */
    private record Waiting(String step, String place, String linux, CompletableFuture<String> ours, String opens) {}

    /** Differences, as they are told, that are meant. What would come after them is not compared. */
    private static final List<Pattern> MEANT = List.of(
            // Linux lets a socket connect no more that was shut down between a refusal and its telling; with 6.18.44
            // none
            // that listened, nor listen one that was connected or tried to be.
            Pattern.compile(": (connect @\\d A \\w|listen @\\d -?\\d+): Linux -1 22, we "),
            // What Linux sends over its loopback in one piece.
            Pattern.compile(": recv\\w* @\\d (3000|10000) (0|0x2|0x20): Linux \\d+ 0.*, we \\d+ 0"),
            // After its connection, which can be no other until it is disconnected.
            Pattern.compile(": bind @\\d \\w+ \\w: Linux (-1 98|0 0), we -1 22"),
            // Linux holds the port of connections that were accepted against whoever does not ask for SO_REUSEADDR.
            Pattern.compile(": bind @\\d \\w+ \\w: Linux -1 98, we 0 0"),
            // Whoever waits when another thread disconnects.
            Pattern.compile(": Linux -1 32, we -1 104"),
            // Who listened may do so again, beside its connections.
            Pattern.compile(": listen @\\d \\d: Linux -1 98, we 0 0"),
            // Linux chooses a port before it sees that there is no destination.
            Pattern.compile("bind @\\d \\w+ \\w: Linux -1 22, we 0 0"));

    private final LinuxCalls linux;
    private final AgentRig ours;
    private final TreeMap<String, Pair> places = new TreeMap<>();
    private final Set<String> shut = new HashSet<>();
    private final Set<String> disconnected = new HashSet<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private int number;
    private boolean ipv6;
    private long patience;

    SocketSequence(LinuxCalls linux, AgentRig ours) {
        this.linux = linux;
        this.ours = ours;
    }

    /**
     * Plays a sequence.
     *
     * @return what was different every time; empty for nothing
     */
    String play(List<String> steps) throws Exception {
        String difference = "";
        for (int i = 0; i < TIMES; i++) {
            patience = TimeUnit.SECONDS.toNanos(i == 0 ? PATIENCE_SECONDS : 1);
            difference = playOnce(steps);
            if (difference.isEmpty()) {
                return ""; // threads of Linux's and ours met otherwise
            }
        }
        return difference;
    }

    private String playOnce(List<String> steps) throws Exception {
        number++;
        ipv6 = number % 4 == 0;
        String difference = "";
        for (int i = 0; i < steps.size() && difference.isEmpty(); i++) {
            difference = play(steps.get(i));
        }
        final String late = end();
        final String told = difference.isEmpty() ? late : difference;
        return MEANT.stream().anyMatch(meant -> meant.matcher(told).find()) ? "" : told;
    }

    /** Leaves out what the difference does not need. */
    String shortest(List<String> steps, String found) throws Exception {
        patience = TimeUnit.MILLISECONDS.toNanos(500);
        List<String> best = steps;
        String difference = found;
        for (int i = best.size() - 1; i >= 0; i--) {
            final List<String> fewer = new ArrayList<>(best);
            fewer.remove(i);
            final String now = playOnce(fewer);
            if (!now.isEmpty()) {
                best = fewer;
                difference = now;
            }
        }
        return String.join("\n    ", best) + "\n  " + difference;
    }

    private String play(String step) throws Exception {
        final String[] halves = step.split(" = ", 2);
        final String opens = halves.length == 2 ? halves[0] : "";
        final String call = halves[halves.length - 1];
        final String place = call.contains("@") ? call.replaceAll("^[^@]*(@\\d).*$", "$1") : "";
        if ((!opens.isEmpty() && places.containsKey(opens)) || (!place.isEmpty() && !places.containsKey(place))) {
            return "";
        }
        if (busy(call, place)) {
            return "";
        }
        final boolean busy = waiting.stream().anyMatch(w -> w.place.equals(place));
        if ((busy && (call.startsWith("close") || call.startsWith("fcntl")))
                || waiting.stream().anyMatch(w -> !opens.isEmpty() && w.opens.equals(opens))) {
            return "";
        }
        // Linux keeps what was shut down before it was connected, though that had failed.
        if (call.startsWith("shutdown")) {
            shut.add(place);
            if (waiting.stream()
                    .anyMatch(w -> w.place.equals(place) && verb(w.step).equals("recv"))) {
                return ""; // what it meets first, the end or what the other side sends on, is chance
            }
        } else if (call.equals("connect " + place + " unspec 0")) {
            disconnected.add(place);
        } else if (call.startsWith("listen") && disconnected.contains(place)) {
            return ""; // what went wrong before is forgotten by who listens
        } else if (call.startsWith("listen") && shut.contains(place)) {
            return ""; // Linux ends at once what such a listener accepts
        } else if (!opens.isEmpty()) {
            shut.remove(opens);
            disconnected.remove(opens);
        } else if (call.matches("connect @\\d A .*") && shut.contains(place)) {
            return "";
        }
        final String begun = linux.ask("begin " + concrete(call, true));
        final CompletableFuture<String> mine = new CompletableFuture<>();
        final String request = concrete(call, false);
        Thread.ofVirtual().start(() -> mine.complete(ours.ask(request)));
        waiting.add(new Waiting(step, place, begun, mine, opens));
        if (call.startsWith("close")) {
            places.remove(place);
        }
        return settle(step);
    }

    /** Which of two threads that wait for the same gets it is chance. */
    private boolean busy(String call, String place) {
        final String verb = verb(call);
        return waiting.stream()
                .anyMatch(w -> w.place.equals(place)
                        && (verb(w.step).equals(verb)
                                || verb.equals("poll")
                                || verb(w.step).equals("poll"))
                        && !call.endsWith(" 0x40"));
    }

    private static String verb(String step) {
        final String call = step.substring(step.indexOf(" = ") < 0 ? 0 : step.indexOf(" = ") + 3);
        return call.split(" ", -1)[0].replaceFirst("^recv\\w+", "recv").replace("sendto", "send");
    }

    private String settle(String step) throws Exception {
        final long start = System.nanoTime();
        while (true) {
            String different = "";
            for (final Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
                final Waiting one = each.next();
                final String theirs = linux.ask("ended " + one.linux);
                final String mine = one.ours.isDone() ? one.ours.join() : "waits";
                if (theirs.equals("waits") && mine.equals("waits")) {
                    continue;
                }
                if (theirs.equals("waits") || mine.equals("waits")) {
                    different = one.step + ": Linux " + theirs + ", we " + mine;
                    continue;
                }
                each.remove();
                if (!one.opens.isEmpty() && (ret(theirs) >= 0 || ret(mine) >= 0)) {
                    places.put(one.opens, new Pair(ret(theirs), ret(mine)));
                }
                final String a = kept(one.step, theirs);
                final String b = kept(one.step, mine);
                if (!a.equals(b)) {
                    return "after " + step + ": " + one.step + ": Linux " + a + ", we " + b;
                }
            }
            // Twice, for Linux's may have come there just before the other one is looked at.
            for (int i = 0; i < 2 && different.isEmpty(); i++) {
                different = look();
            }
            final long passed = System.nanoTime() - start;
            if (different.isEmpty() && passed > (waiting.isEmpty() ? REST_NANOS : SETTLE_NANOS)) {
                return "";
            }
            if (!different.isEmpty() && passed > patience) {
                return "after " + step + ": " + different;
            }
            if (passed > 1_000_000) {
                Thread.sleep(1);
            }
        }
    }

    private String look() throws Exception {
        for (final var place : places.entrySet()) {
            for (final String look : List.of("poll F 0x3fff 0", "getsockopt F 6 11 1", "ioctl F 0x541B")) {
                final String theirs = linux.ask(look.replace("F", "" + place.getValue().theirs));
                final String mine = ours.ask(look.replace("F", "" + place.getValue().mine));
                if (!theirs.equals(mine)) {
                    return place.getKey() + " " + look + ": Linux " + theirs + ", we " + mine;
                }
            }
        }
        return "";
    }

    /** Ends what waits and closes what is open. */
    private String end() throws Exception {
        for (final Pair fd : places.values()) {
            linux.ask("shutdown " + fd.theirs + " 2");
        }
        ours.ask("reset");
        final long start = System.nanoTime();
        String late = "";
        for (final Waiting one : waiting) {
            while (linux.ask("ended " + one.linux).equals("waits") || !one.ours.isDone()) {
                if (System.nanoTime() - start > 5_000_000_000L) {
                    late = one.step + " does not end: Linux " + linux.ask("ended " + one.linux) + ", we "
                            + one.ours.isDone();
                    break;
                }
                Thread.sleep(1);
            }
            final String theirs = linux.ask("ended " + one.linux);
            if (!one.opens.isEmpty() && !theirs.equals("waits")) {
                places.put(one.opens, new Pair(ret(theirs), -1));
            }
        }
        ours.ask("reset");
        for (final Pair fd : places.values()) {
            linux.ask("setsockopt " + fd.theirs + " 1 13 0100000000000000");
            linux.ask("close " + fd.theirs);
        }
        places.clear();
        shut.clear();
        disconnected.clear();
        waiting.clear();
        return late;
    }

    private static int ret(String answer) {
        return Integer.parseInt(answer.split(" ", -1)[0]);
    }

    private static String kept(String step, String answer) {
        if (step.contains(" = ") && ret(answer) >= 0) {
            return kept(step.startsWith("@") ? "recvfrom" : "", answer.replaceFirst("\\d+", "new"));
        }
        if (step.startsWith("recvfrom") || step.startsWith("recvmsg") || step.startsWith("getpeername")) {
            final String[] words = answer.split(" ", -1);
            return words.length > 3 && Integer.parseInt(words[3]) >= 32_768
                    ? words[0] + " " + words[1] + " " + words[2]
                    : answer;
        }
        return answer;
    }

    private String concrete(String call, boolean theirs) {
        String request = call;
        for (final var place : places.entrySet()) {
            final Pair pair = place.getValue();
            request = request.replace(place.getKey(), "" + (theirs ? pair.theirs : pair.mine));
        }
        final int port = FIRST_PORT + 3 * (number % (PORTS / 3));
        return request.replace(" D ", ipv6 ? " 10 " : " 2 ")
                .replace(" ANY ", ipv6 ? " :: " : " 0.0.0.0 ")
                .replace(" A ", ipv6 ? " 2001:db8::1 " : " 10.0.0.1 ")
                .replaceAll(" P$", " " + port)
                .replaceAll(" Q$", " " + (port + 1))
                .replaceAll(" R$", " " + (port + 2));
    }
}
