package io.millrace.bench.trace;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.text.PacketText;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Prints packets that hold all of some words, each with the time of day. Not thread-safe. */
final class TracePrinter {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final long SECOND = 1_000_000;

    private final PrintWriter out;
    private final ZoneId zone;
    private final List<String> words;
    private final boolean stations;
    private final StringBuilder line = new StringBuilder();
    private long seen;
    private long shown;

    /**
     * Makes one.
     *
     * @param words what a packet's line must hold to be shown, upper or lower case; none shows all
     * @param stations whether to show the addresses of Ethernet headers, too
     */
    TracePrinter(PrintWriter out, ZoneId zone, List<String> words, boolean stations) {
        this.out = out;
        this.zone = zone;
        this.words = words.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList();
        this.stations = stations;
    }

    /**
     * Shows a packet, if it is one of those that are wanted.
     *
     * @param epochMicros when it came, microseconds since 1970
     * @param name the port's, where there are several; else empty
     */
    void packet(String name, Medium medium, MemorySegment memory, long offset, int length, long epochMicros) {
        seen++;
        line.setLength(0);
        PacketText.append(memory, offset, length, medium, stations, line);
        if (!wanted()) {
            return;
        }
        shown++;
        final Instant time =
                Instant.ofEpochSecond(Math.floorDiv(epochMicros, SECOND), Math.floorMod(epochMicros, SECOND) * 1_000);
        out.append(TIME.format(time.atZone(zone))).append(' ');
        if (!name.isEmpty()) {
            out.append(name).append(' ');
        }
        out.append(line).println();
    }

    /** Counts a packet that is not wanted. */
    void passOver() {
        seen++;
    }

    /** How many packets there were. */
    long seen() {
        return seen;
    }

    /** How many of them were shown. */
    long shown() {
        return shown;
    }

    private boolean wanted() {
        if (words.isEmpty()) {
            return true;
        }
        final String lower = line.toString().toLowerCase(Locale.ROOT);
        for (final String word : words) {
            if (!holds(lower, word)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the word is there, and is not a part of a longer word or number. */
    private static boolean holds(String text, String word) {
        for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
            final int end = at + word.length();
            final boolean begins = at == 0 || !Character.isLetterOrDigit(text.charAt(at - 1));
            final boolean ends = end == text.length() || !Character.isLetterOrDigit(text.charAt(end));
            if (begins && ends) {
                return true;
            }
        }
        return false;
    }
}
