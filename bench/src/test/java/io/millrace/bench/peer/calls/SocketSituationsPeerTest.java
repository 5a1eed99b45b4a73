package io.millrace.bench.peer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.agent.AgentRig;
import io.millrace.testkit.Await;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every call and every option in every situation of a TCP or UDP socket, over both families: our answers, and what the
 * socket is ready for afterwards, are Linux's, but for what {@code meant.txt} and {@code options.txt} name.
 */
@Tag("peers")
@Timeout(600)
final class SocketSituationsPeerTest {
    private static final int TCP = 6;

    private static final Pattern CHOSEN_PORT = Pattern.compile("(0 0 \\S+ )(\\d+)");

    /** Of the ports that Linux and we choose for who names none. */
    private static final int LEAST_CHOSEN = 32_768;

    /** What a situation is looked at by, after a call. State and readiness come to rest, an error is taken. */
    private static final List<String> LOOKS = List.of("poll F 0x3fff 0", "getsockopt F 6 11 1", "getsockopt F 1 4 4");

    private static final List<String> VALUES = List.of("01", "00000000", "01000000", "ffffffff", "2c010000");

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private LinuxCalls linux;

    @SuppressWarnings("NullAway.Init")
    private AgentRig ours;

    @SuppressWarnings("NullAway.Init")
    private Map<Pattern, String> meant;

    /** Before what differs from some releases of Linux only. */
    private static final String SOME = "? ";

    /** Differences that were seen, and in how many tests they were looked for. */
    private static final Set<String> SEEN = new TreeSet<>();

    private static int tests;

    private final List<String> wrong = new ArrayList<>();
    private int number;
    private boolean ipv6;

    @BeforeEach
    void open() throws Exception {
        linux = new LinuxCalls(folder);
        ours = new AgentRig(pools);
        tests++;
        meant = LinuxCalls.lines("meant.txt").stream()
                .map(line -> line.replace(SOME, "").split(" # ", 2))
                .collect(Collectors.toMap(halves -> Pattern.compile(halves[0]), halves -> halves[1]));
    }

    @AfterEach
    void close() {
        ours.close();
        linux.close();
    }

    @AfterAll
    static void shouldNameNoDifferenceThatIsNone() throws Exception {
        if (tests == 2 * 2) {
            final Set<String> named = new TreeSet<>();
            final Set<String> may = new TreeSet<>();
            for (final String line : LinuxCalls.lines("meant.txt")) {
                final String pattern = line.replace(SOME, "").split(" # ", 2)[0];
                (line.startsWith(SOME) ? may : named).add(pattern);
            }
            SEEN.removeAll(may);
            assertEquals(named, SEEN);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerCallsAsLinuxDoesInEverySituation(boolean over6) throws Exception {
        ipv6 = over6;
        for (final Situation situation : Situation.all()) {
            for (final String deed : LinuxCalls.lines("deeds.txt")) {
                number++;
                final int open = enter(situation);
                final String name = situation.name() + ": " + deed;
                compare(situation, name, "fcntl F 4 0x800", answer -> answer); // nothing is to wait
                compare(
                        situation,
                        name,
                        deed,
                        deed.startsWith("accept")
                                ? SocketSituationsPeerTest::head
                                : SocketSituationsPeerTest::portless);
                for (final String look : LOOKS) {
                    if (!look.contains(" 6 ") || situation.isStream()) {
                        compare(situation, name + " -> " + look, look, answer -> answer);
                    }
                }
                leave(open + 1);
            }
        }
        assertEquals(List.of(), wrong);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeOptionsAsLinuxDoesInEverySituation(boolean over6) throws Exception {
        ipv6 = over6;
        for (final Situation situation : Situation.all()) {
            for (final OptionNumbers.Level level : OptionNumbers.LEVELS) {
                number++;
                final int open = enter(situation);
                for (int option = level.first(); option <= level.last(); option++) {
                    if (OptionNumbers.isCompared(level.number(), option)) {
                        compare(situation, level.number(), option);
                    }
                }
                leave(open);
            }
        }
        assertEquals(List.of(), wrong);
    }

    private void compare(Situation situation, int level, int option) throws Exception {
        final String which = " F " + level + " " + option + " ";
        final String get = "getsockopt" + which + 16;
        final String unknown = "-1 92";
        final String theirs = linux.ask(situation.concrete(get, ipv6, number));
        final String mine = ours.ask(situation.concrete(get, ipv6, number)); // an error is taken by asking
        if (theirs.equals(unknown) && mine.equals(unknown)) {
            return;
        }
        final Function<String, String> kept =
                OptionNumbers.tellsOtherValues(level, option) ? answer -> answer.substring(0, 2) : answer -> answer;
        for (final String value : VALUES) {
            final String set = "setsockopt" + which + value;
            compare(situation, situation.name() + ": " + set, set, answer -> answer);
            compare(situation, situation.name() + ": " + set + " -> " + get, get, kept);
        }
    }

    private int enter(Situation situation) throws Exception {
        final int open = situation.enter(linux, ours, ipv6, number);
        if (situation.isStream()) {
            final String state = situation.concrete("getsockopt F " + TCP + " 11 1", ipv6, number);
            Await.until(
                    () -> situation.name() + ": Linux " + linux(state) + ", we " + ours.ask(state),
                    () -> linux.ask(state).equals(ours.ask(state)));
        }
        return open;
    }

    private String linux(String request) {
        try {
            return linux.ask(request);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Closes what is open, the last first. */
    private void leave(int open) throws IOException {
        for (int fd = 2 + open; fd > 2; fd--) {
            final String close = "close " + fd;
            assertEquals(linux.ask(close), ours.ask(close), close);
        }
    }

    /** An answer without a port that was chosen by itself. */
    private static String portless(String answer) {
        final Matcher port = CHOSEN_PORT.matcher(answer);
        return port.matches() && Integer.parseInt(port.group(2)) >= LEAST_CHOSEN ? port.group(1) + "chosen" : answer;
    }

    private static String head(String answer) {
        final String[] words = answer.split(" ", 3);
        return words[0] + " " + words[1];
    }

    private void compare(Situation situation, String name, String call, Function<String, String> kept)
            throws Exception {
        final String request = situation.concrete(call, ipv6, number);
        String theirs = kept.apply(linux.ask(request));
        String mine = kept.apply(ours.ask(request));
        final boolean rests = name.contains(" -> ") && !call.startsWith("getsockopt F 1 ");
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Await.SECONDS);
        // Once an answer was wrong the test fails anyhow, and need not wait for others.
        while (rests && wrong.isEmpty() && !mine.equals(theirs) && !isMeant(name) && System.nanoTime() < deadline) {
            Thread.sleep(5); // what the other side does takes it time
            theirs = kept.apply(linux.ask(request));
            mine = kept.apply(ours.ask(request));
        }
        if (!mine.equals(theirs) && !isMeant(name)) {
            wrong.add((ipv6 ? "IPv6 " : "IPv4 ") + name + ": Linux " + theirs + ", we " + mine);
        }
    }

    private boolean isMeant(String name) {
        boolean is = false;
        for (final Pattern difference : meant.keySet()) {
            if (difference.matcher(name).find()) {
                SEEN.add(difference.pattern());
                is = true;
            }
        }
        return is;
    }
}
