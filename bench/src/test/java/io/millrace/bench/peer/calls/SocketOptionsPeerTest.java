package io.millrace.bench.peer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.agent.AgentRig;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<String> wrong = new ArrayList<>();
    private int compared;

    @ParameterizedTest
    @CsvSource({"2 1 0, 0", "10 1 0, 0", "2 2 0, 35", "10 2 0, 35", "2 3 253, 35"})
    void shouldTakeAndTellOptionsAsLinuxDoes(String kind, int groups, @TempDir Path folder) throws Exception {
        try (LinuxCalls linux = new LinuxCalls(folder);
                AgentRig ours = new AgentRig(pools)) {
            for (final OptionNumbers.Level level : OptionNumbers.LEVELS) {
                for (int option = level.first(); option <= level.last(); option++) {
                    // Raw sockets join no groups here.
                    final boolean group = kind.startsWith("2 3") && (option == groups || option == groups + 1);
                    if (!OptionNumbers.isLeftOut(level.number(), option) && !(level.number() == 0 && group)) {
                        compare(linux, ours, kind, level.number(), option);
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
        for (final String value : OptionNumbers.VALUES) {
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
        final boolean same = switch (OptionNumbers.difference(level, option)) {
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
