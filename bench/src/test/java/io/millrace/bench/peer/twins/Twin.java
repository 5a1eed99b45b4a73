package io.millrace.bench.peer.twins;

import io.millrace.bench.peer.twins.TwinSegments.Seen;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of two TCPs that are given the same steps, and what the peer knows of it: numbers in steps are relative to what the
 * twin itself has sent.
 */
abstract class Twin implements AutoCloseable {
    /** First of the peer's timestamps. */
    static final int FIRST_TIMESTAMP = 0x1000_0000;

    /** Nothing is farther from the end of a window that is named by it. */
    private static final int NEAR = 3_000;

    /** SO_OOBINLINE: the only way that we have. */
    private static final String INLINE = " 1 10 01000000";

    /** As Linux counts them. */
    private static final List<String> STATES = List.of(
            "none",
            "ESTABLISHED",
            "SYN-SENT",
            "SYN-RECEIVED",
            "FIN-WAIT-1",
            "FIN-WAIT-2",
            "TIME-WAIT",
            "CLOSED",
            "CLOSE-WAIT",
            "LAST-ACK",
            "LISTEN",
            "CLOSING");

    /** A case without steps. */
    static final TwinCase NONE = new TwinCase(0, false, false, false, false, List.of());

    /** Of the peer's numbers those that were named by the end of the window, and how far they were from that then. */
    private final Map<Integer, Integer> atEdge = new HashMap<>();

    private TwinCase now = NONE;
    private int twinPort;
    private int peerPort;
    private int listener;
    private int socket;

    private String state = "";

    private int iss;
    private int next; // of the peer's numbers, relative to its first
    private int announced; // of them, by this twin
    private boolean late; // one of both acknowledged something later than the other, and so has another timestamp
    private boolean textless; // the segment that is being answered
    private int repeats;
    private int window;
    private int edge; // of the window at the begin of the step
    private int shift;
    private int unacknowledged; // of the twin's numbers, relative to its first
    private int max;
    private int timestamp;

    /** The answer to a request of the agent's kind. */
    abstract String ask(String request) throws IOException;

    /** The answers to some. */
    abstract String[] ask(List<String> requests) throws IOException;

    /** Waits for what it may do by itself. */
    void await() throws IOException {}

    /** Makes everything ready for a case. */
    void begin(TwinCase which, int number) throws IOException {
        now = which;
        twinPort = 10_000 + number % 20_000;
        peerPort = 40_000 + number / 20_000;
        listener = -1;
        socket = -1;
        iss = 0;
        next = 1;
        announced = 1;
        repeats = 0;
        late = false;
        window = 0;
        edge = 1;
        atEdge.clear();
        shift = 0;
        unacknowledged = 0;
        max = 0;
        timestamp = 0;
    }

    /** Leaves nothing behind. */
    void end() throws IOException {
        if (listener >= 0) {
            ask("close " + listener);
        }
        if (socket >= 0) {
            abort();
        }
        arrive(new TwinSegments.Sent(
                        now.first() + next,
                        0,
                        TwinSegments.RST,
                        0,
                        0,
                        ByteBuffer.allocate(0),
                        0,
                        TwinSegments.Defect.NONE)
                .packet(now.ipv6(), twinPort, peerPort));
    }

    private List<byte[]> arrive(byte[] packet) throws IOException {
        return packets(ask("arrive " + HexFormat.of().formatHex(packet)));
    }

    private String abort() throws IOException {
        ask("setsockopt " + socket + " 1 13 0100000000000000");
        final String answer = ask("close " + socket);
        socket = -1;
        return answer;
    }

    /** Of the socket, as the last step left it. */
    String state() {
        return socket >= 0 ? state : listener >= 0 ? "LISTEN" : "none";
    }

    /** Takes a step; gives all that can be seen of it. */
    TwinLook step(String step) throws IOException {
        final String[] words = step.split(" ", -1);
        final List<byte[]> sent = new ArrayList<>();
        final String answer;
        edge = next + window;
        if (words[0].equals("seg")) {
            answer = "";
            // Linux notes the timestamp of what acknowledges nothing, and none of what acknowledges less than before.
            late |= !words[1].contains("A") || !words[3].matches("(max|una)\\+0");
            noteEdge(words);
            textless = words[4].equals("0") && !words[1].contains("F");
            sent.addAll(arrive(TwinStep.segment(words, this).packet(now.ipv6(), twinPort, peerPort)));
        } else {
            textless = false;
            answer = call(words);
        }
        await();
        final boolean open = socket >= 0;
        final List<String> looks = new ArrayList<>();
        if (open) {
            looks.add("setsockopt " + socket + " 6 12 01000000"); // what is to be acknowledged, is now
        }
        looks.add("left");
        if (open) {
            looks.add("getsockopt " + socket + " 6 11 1");
            looks.add("poll " + socket + " 0x3fff 0");
        }
        if (listener >= 0) {
            looks.add("poll " + listener + " 0x3fff 0");
        }
        final String[] looked = ask(looks);
        sent.addAll(packets(looked[open ? 1 : 0]));
        final List<TwinLook.Segment> segments = segments(sent);
        final StringBuilder seen = new StringBuilder();
        if (open) {
            state = STATES.get(Integer.parseInt(looked[2].split(" ", -1)[2], 16));
            seen.append(" @").append(state).append(" !").append(looked[3]);
        }
        if (listener >= 0) {
            seen.append(" L").append(looked[looked.length - 1]);
        }
        return new TwinLook(answer, segments, seen.toString().strip());
    }

    /** Notes where a segment begins and ends that is named by the end of the window, which moves later. */
    private void noteEdge(String[] words) {
        if (words[2].startsWith("edge")) {
            final int distance = TwinStep.distance(words[2]);
            final int end = distance + Integer.parseInt(words[4]);
            atEdge.putIfAbsent(edge + distance, distance);
            atEdge.putIfAbsent(edge + end, end);
            atEdge.putIfAbsent(edge, 0);
        }
    }

    /** Takes over what the peer knows by now from either. */
    void align(Twin other) {
        next = Math.max(next, other.next);
        other.next = next;
        late |= announced != other.announced;
        other.late = late;
    }

    /** The packets of an answer. */
    static List<byte[]> packets(String answer) {
        final String[] words = answer.split(" ", -1);
        final List<byte[]> packets = new ArrayList<>();
        for (int i = 2; i < words.length; i++) {
            packets.add(HexFormat.of().parseHex(words[i]));
        }
        return packets;
    }

    private String call(String[] words) throws IOException {
        final String domain = now.ipv6() ? "10" : "2";
        final String net = now.ipv6() ? "2001:db8:9::" : "10.9.0.";
        return switch (words[0]) {
            case "listen" -> {
                listener = socket(domain);
                yield ask("bind " + listener + " " + net + "1 " + twinPort) + ask("listen " + listener + " 4");
            }
            case "connect" -> {
                socket = socket(domain);
                ask("setsockopt " + socket + INLINE);
                yield ask("bind " + socket + " " + net + "1 " + twinPort)
                        + ask("connect " + socket + " " + net + "2 " + peerPort);
            }
            case "accept" -> listener < 0 ? "" : accept();
            case "unlisten" -> {
                final String answer = listener < 0 ? "" : ask("close " + listener);
                listener = -1;
                yield answer;
            }
            default -> socket < 0 ? "" : socketCall(words);
        };
    }

    private String accept() throws IOException {
        final String answer = ask("accept " + listener);
        final int fd = Integer.parseInt(answer.split(" ", -1)[0]);
        if (fd < 0) {
            return answer;
        }
        socket = fd;
        ask("fcntl " + fd + " 4 0x800");
        ask("setsockopt " + fd + INLINE);
        return "accepted";
    }

    private String socketCall(String[] words) throws IOException {
        return switch (words[0]) {
            case "close" -> {
                final String answer = ask("close " + socket);
                socket = -1;
                yield answer;
            }
            case "abort" -> abort();
            case "send", "recv" -> ask(words[0] + " " + socket + " " + words[1] + " 0");
            case "oob" -> ask("send " + socket + " " + words[1] + " 1");
            case "shutdown" -> ask("shutdown " + socket + " " + words[1]);
            case "error" -> ask("getsockopt " + socket + " 1 4 4");
            case "option" -> ask("setsockopt " + socket + " " + words[1] + " " + words[2] + " " + words[3]);
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private int socket(String domain) throws IOException {
        final String answer = ask("socket " + domain + " 0x801 0");
        return Integer.parseInt(answer.split(" ", -1)[0]);
    }

    /** A number of the peer's, as it is on the wire. */
    int sequence(String base, int distance) {
        return now.first()
                + distance
                + switch (base) {
                    case "nxt" -> next;
                    case "edge" -> next + window;
                    case "iss" -> 0;
                    default -> throw new IllegalArgumentException(base);
                };
    }

    /** A number of the twin's, as it is on the wire. */
    int acknowledgment(String base, int distance) {
        return iss
                + distance
                + switch (base) {
                    case "una" -> unacknowledged;
                    case "max" -> max;
                    case "iss" -> 0;
                    default -> throw new IllegalArgumentException(base);
                };
    }

    int timestamp() {
        return timestamp;
    }

    /** Notes that the peer acknowledged something. */
    void acknowledged(int ack) {
        final int relative = ack - iss;
        if (relative > unacknowledged && relative <= max) {
            unacknowledged = relative;
        }
    }

    private List<TwinLook.Segment> segments(List<byte[]> packets) {
        final List<Seen> all = new ArrayList<>();
        for (final byte[] packet : packets) {
            final @Nullable Seen seen = Seen.of(packet);
            if (seen != null && seen.twinPort() == twinPort && seen.peerPort() == peerPort) {
                all.add(seen);
            }
        }
        final List<TwinLook.Segment> texts = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            final Seen first = all.get(i);
            final TwinLook.Duty duty = duty(first);
            note(first);
            int length = first.length();
            int flags = first.flags();
            while (i + 1 < all.size() && follows(first, length, all.get(i + 1))) {
                i++;
                note(all.get(i));
                length += all.get(i).length();
                flags |= all.get(i).flags();
            }
            texts.add(new TwinLook.Segment(text(first, flags, length), duty));
        }
        return texts;
    }

    /** What acknowledges news may do so now or later; what only says again what was said may be too much. */
    private TwinLook.Duty duty(Seen seen) {
        final boolean bare = seen.flags() == TwinSegments.ACK && seen.length() == 0;
        final boolean news = seen.ack() - now.first() > announced;
        if (!bare || news || !seen.sacks().isEmpty()) {
            repeats += bare && textless ? 1 : 0; // it answers what was refused, whatever it says besides
            return bare && news && seen.sacks().isEmpty() ? TwinLook.Duty.LATER : TwinLook.Duty.NOW;
        }
        final TwinLook.Duty duty = repeats > 0 ? TwinLook.Duty.LIMITED : TwinLook.Duty.NOW;
        repeats++;
        return duty;
    }

    /** Whether it said again what was said before. */
    boolean repeated() {
        return repeats > 0;
    }

    private static boolean follows(Seen first, int length, Seen next) {
        return length > 0
                && next.extent() > 0
                && next.seq() == first.seq() + length
                && next.ack() == first.ack()
                && !next.has(TwinSegments.SYN | TwinSegments.RST);
    }

    private void note(Seen seen) {
        if (seen.has(TwinSegments.SYN)) { // perhaps of another connection
            iss = seen.seq();
            max = 0;
            unacknowledged = 0;
        }
        if (seen.has(TwinSegments.RST)) {
            return;
        }
        if (seen.has(TwinSegments.SYN) && seen.shift() >= 0) {
            shift = now.scaling() ? seen.shift() : 0;
        }
        max = Math.max(max, seen.seq() - iss + seen.extent());
        if (seen.has(TwinSegments.ACK)) {
            announced = Math.max(announced, seen.ack() - now.first());
            next = Math.max(next, announced);
            window = seen.has(TwinSegments.SYN) ? seen.window() : seen.window() << shift;
        }
        if (seen.timestamps() && seen.has(TwinSegments.SYN)) {
            timestamp = seen.tsVal(); // of a later one Linux believes no echo until it knows that its SYN arrived
        }
    }

    private String text(Seen seen, int flags, int length) {
        final StringBuilder text = new StringBuilder(TwinSegments.letters(flags));
        text.append(' ').append(seen.seq() == 0 ? "zero" : Integer.toString(seen.seq() - iss));
        text.append('+').append(length);
        if (seen.has(TwinSegments.ACK)) {
            final int acknowledged = seen.ack() - now.first();
            text.append(" a").append(seen.has(TwinSegments.RST) ? place(acknowledged) : Integer.toString(acknowledged));
            text.append(seen.window() == 0 && !seen.has(TwinSegments.RST) ? " closed" : "");
        }
        if (seen.has(TwinSegments.URG)) {
            text.append(" u").append(seen.urgent());
        }
        if (seen.timestamps() && !seen.has(TwinSegments.RST)) { // where they are not needed
            text.append(" t")
                    .append(
                            late && !seen.has(TwinSegments.SYN)
                                    ? "*"
                                    : seen.tsEcr() == 0 ? "zero" : Integer.toString(seen.tsEcr() - FIRST_TIMESTAMP));
        }
        if (seen.has(TwinSegments.SYN)) {
            text.append(seen.sackPermitted() ? " sackok" : "").append(seen.shift() >= 0 ? " scaled" : "");
        }
        for (int i = 0; i < seen.sacks().size() && !seen.has(TwinSegments.RST); i++) {
            text.append(i % 2 == 0 ? " s" : ":").append(place(seen.sacks().get(i) - now.first()));
        }
        return text.toString();
    }

    /** A number of the peer's. Where the window ends is each twin's own business. */
    private String place(int number) {
        final Integer noted = atEdge.get(number);
        final int beyond = noted == null ? number - edge : noted;
        return beyond < -NEAR || beyond > NEAR ? Integer.toString(number) : "e" + beyond;
    }

    @Override
    public abstract void close() throws IOException;
}
