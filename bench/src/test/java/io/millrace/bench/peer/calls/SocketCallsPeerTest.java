package io.millrace.bench.peer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.agent.AgentRig;
import io.millrace.testkit.PoolWatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same socket calls, one after the other, on Linux's sockets and on ours: the answers, return values, errors and
 * bytes of options, are the same, but for the differences that the file of the calls names.
 */
@Tag("peers")
@Timeout(600)
final class SocketCallsPeerTest {
    /** Behind it stands what we answer instead, and why. */
    private static final String DIFFERENCE = "#!";

    /** The same of a difference from some releases of Linux only. */
    private static final String SOME = "#[?]";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "calls.txt",
                "states.txt",
                "errors.txt",
                "reuse.txt",
                "families.txt",
                "segments.txt",
                "messages.txt",
                "errqueue.txt"
            })
    void shouldAnswerAsLinuxDoesWhenCallsAreMade(String file, @TempDir Path folder) throws Exception {
        final List<String> wrong = new ArrayList<>();
        final List<String> lines = LinuxCalls.lines(file);
        try (LinuxCalls linux = new LinuxCalls(folder);
                AgentRig ours = new AgentRig(pools)) {
            for (final String line : lines) {
                final String[] some = line.split(SOME, 2);
                final String[] all = some[0].split(DIFFERENCE, 2);
                final String request = all[0].strip();
                final String theirs = timeless(linux.ask(request));
                final String mine = timeless(ours.ask(request));
                final boolean same = some.length == 2 && mine.equals(theirs);
                final String named = some.length == 2 && !same ? some[1] : all.length == 2 ? all[1] : "";
                compare(request, theirs, mine, named.strip(), wrong);
            }
        }
        assertEquals(List.of(), wrong, "of " + lines.size() + " calls");
    }

    /** An answer without the times that SO_TIMESTAMP, -NS and -ING ask for, but for the length, and that there is one. */
    private static String timeless(String answer) {
        return answer.replaceAll(" 1:(29|35):[0-9a-f]{32}", " 1:$1:time")
                .replaceAll(" 1:37:(?!0{32})[0-9a-f]{32}0{64}", " 1:37:time");
    }

    private static void compare(String request, String linux, String ours, String named, List<String> wrong) {
        if (named.isEmpty() ? !ours.equals(linux) : !named.startsWith(ours + " ")) {
            wrong.add(request + ": Linux " + linux + ", we " + ours + (named.isEmpty() ? "" : ", meant: " + named));
        } else if (!named.isEmpty() && ours.equals(linux)) {
            wrong.add(request + ": the difference that is named is none: " + named);
        }
    }
}
