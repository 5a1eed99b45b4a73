package io.millrace.bench.peer.calls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The options that are compared with Linux's, and what they are set to. */
final class OptionNumbers {
    /** Levels with the first and the last of their options that Linux of today knows. */
    static final List<Level> LEVELS = List.of(
            new Level(1, 2, 75),
            new Level(0, 1, 51),
            new Level(41, 1, 78),
            new Level(6, 1, 46),
            new Level(17, 1, 1),
            new Level(17, 100, 104));

    /** Legal and illegal values, and short ones. */
    static final List<String> VALUES = List.of(
            "-",
            "01",
            "0100",
            "00000000",
            "01000000",
            "02000000",
            "ffffffff",
            "2c010000",
            "ffffff7f",
            "010000000500000000000000000000000000000000000000");

    /** What is told of these has no fixed size, or they are not asked for by value: filters, peers, keys. */
    private static final List<String> LEFT_OUT = List.of(
            "1 16", "1 17", "1 26", "1 27", "1 28", "1 31", "1 32", "1 33", "1 34", "1 41", "1 43", "1 48", "1 50",
            "1 51", "1 52", "1 53", "1 54", "1 55", "1 56", "1 58", "1 59", "1 62", "1 63", "1 64", "1 65", "1 66",
            "1 67", "1 68", "1 71", "1 73", "1 74", "1 14", "0 5", "0 16", "0 17", "0 27", "0 28", "0 29", "0 30",
            "0 31", "0 37", "0 38", "0 39", "0 40", "0 41", "0 42", "0 43", "0 44", "0 45", "0 46", "0 47", "0 48",
            "41 3", "41 4", "41 5", "41 7", "41 9", "41 10", "41 12", "41 13", "41 14", "41 15", "41 27", "41 28",
            "41 29", "41 30", "41 31", "41 32", "41 34", "41 35", "41 36", "41 37", "41 42", "41 43", "41 44", "41 45",
            "41 46", "41 47", "41 48", "41 52", "41 55", "41 57", "41 59", "41 63", "41 64", "41 65", "41 68", "41 69",
            "41 71", "41 76", "41 77", "6 14", "6 19", "6 29", "6 31", "6 38", "6 39", "6 40", "6 41", "6 42");

    /** By level and option: {@code none} or {@code value}, as {@code options.txt} says. */
    private static final Map<String, String> DIFFERENCES = differences();

    private OptionNumbers() {}

    /** A level of options, with the first and the last of them. */
    record Level(int number, int first, int last) {}

    private static Map<String, String> differences() {
        try {
            final Map<String, String> differences = new HashMap<>();
            for (final String line : LinuxCalls.lines("options.txt")) {
                final String[] words = line.split(" ", 4);
                differences.put(words[0] + " " + words[1], words[2]);
            }
            return differences;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In what an option is meant to differ: {@code none}, {@code value} or, for nothing, an empty text. */
    static String difference(int level, int option) {
        return DIFFERENCES.getOrDefault(level + " " + option, "");
    }

    /** Whether our sockets have it, or should. */
    static boolean isCompared(int level, int option) {
        return !isLeftOut(level, option) && !difference(level, option).equals("none");
    }

    /** Whether what is told of it is another number. */
    static boolean tellsOtherValues(int level, int option) {
        return difference(level, option).equals("value");
    }

    /** Whether it is not compared at all. */
    static boolean isLeftOut(int level, int option) {
        return LEFT_OUT.contains(level + " " + option);
    }
}
