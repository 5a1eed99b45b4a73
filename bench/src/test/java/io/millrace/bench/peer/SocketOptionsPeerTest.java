package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.agent.AgentRig;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every option of every level, read and set to values in and out of range, short and long, on sockets of every kind: our
 * answers are Linux's, but for the options that {@code options.txt} names.
 */
@Tag("peers")
@Timeout(600)
final class SocketOptionsPeerTest {
    /** Levels with the first and the last of their options that Linux of today knows. */
    private static final int[][] LEVELS = {{1, 2, 75}, {0, 1, 51}, {41, 1, 78}, {6, 1, 45}, {17, 1, 1}, {17, 100, 104}};

    private static final List<String> VALUES = List.of(
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

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final Map<String, String> differences = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private int compared;

    @ParameterizedTest
    @CsvSource({"2 1 0, 0", "10 1 0, 0", "2 2 0, 35", "10 2 0, 35", "2 3 253, 35"})
    void shouldTakeAndTellOptionsAsLinuxDoes(String kind, int groups, @TempDir Path folder) throws Exception {
        for (final String line : LinuxCalls.lines("options.txt")) {
            final String[] words = line.split(" ", 4);
            differences.put(words[0] + " " + words[1], words[2]);
        }
        try (LinuxCalls linux = new LinuxCalls(folder);
                AgentRig ours = new AgentRig(pools)) {
            for (final int[] level : LEVELS) {
                for (int option = level[1]; option <= level[2]; option++) {
                    // Raw sockets join no groups here.
                    final boolean group = kind.startsWith("2 3") && (option == groups || option == groups + 1);
                    if (!LEFT_OUT.contains(level[0] + " " + option) && !(level[0] == 0 && group)) {
                        compare(linux, ours, kind, level[0], option);
                    }
                }
            }
        }
        assertEquals(List.of(), wrong, "of " + compared + " calls");
    }

    private void compare(LinuxCalls linux, AgentRig ours, String kind, int level, int option) throws IOException {
        final String open = "socket " + kind;
        assertEquals(linux.ask(open), ours.ask(open));
        final String which = " 3 " + level + " " + option + " ";
        final boolean known = !linux.ask("getsockopt" + which + 16).equals("-1 92");
        if (!known && !ours.ask("getsockopt" + which + 16).equals("-1 92")) {
            assertEquals(linux.ask("close 3"), ours.ask("close 3"));
            return; // the kernel is older than the option
        }
        for (int room = 0; room <= 16 && known; room += room < 5 ? 1 : 11) {
            ask(linux, ours, "getsockopt" + which + room, level, option);
        }
        for (final String value : VALUES) {
            ask(linux, ours, "setsockopt" + which + value, level, option);
            if (known) {
                ask(linux, ours, "getsockopt" + which + 16, level, option);
            }
        }
        assertEquals(linux.ask("close 3"), ours.ask("close 3"));
    }

    private void ask(LinuxCalls linux, AgentRig ours, String request, int level, int option) throws IOException {
        final String theirs = linux.ask(request);
        final String mine = ours.ask(request);
        final boolean same = switch (differences.getOrDefault(level + " " + option, "")) {
            case "none" -> mine.equals("-1 92") || mine.equals(theirs);
            case "value" -> mine.startsWith("0 ") == theirs.startsWith("0 ");
            default -> mine.equals(theirs);
        };
        compared++;
        if (!same) {
            wrong.add(request + ": Linux " + theirs + ", we " + mine);
        }
    }
}
