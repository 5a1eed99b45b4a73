package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Linux's ping at a steady pace while something else happens. It ends with the last answer that it wants, and
 * until then asks on, so that an answer that is late is not taken for one that is lost.
 */
final class SteadyPing {
    private static final String INTERVAL_SECONDS = "0.005";
    private static final String PATIENCE_SECONDS = "120";
    private static final Pattern ANSWER = Pattern.compile("icmp_seq=(\\d+) ttl");
    private static final Pattern RECEIVED = Pattern.compile(" (\\d+) received");

    private final int count;
    private final Process process;

    private SteadyPing(final int count, final Process process) {
        this.count = count;
        this.process = process;
    }

    /**
     * Begins.
     *
     * @param count how many answers it wants, 200 in a second
     */
    static SteadyPing start(final Namespace from, final String address, final int count) throws IOException {
        final String ping =
                "ping -n -c " + count + " -i " + INTERVAL_SECONDS + " -w " + PATIENCE_SECONDS + " " + address;
        // The last answer and what it says at the end.
        final Process process =
                from.process("sh", "-c", ping + " 2>&1 | tail -n 5").start();
        return new SteadyPing(count, process);
    }

    /**
     * Has {@code millrace ping} ask another process 20 times, and asserts that every request was answered.
     *
     * @param port its options for the port
     */
    static void assertAnswered(final Namespace from, final List<String> port, final String address)
            throws CommandException {
        final List<String> arguments = new ArrayList<>(List.of("ping"));
        arguments.addAll(port);
        arguments.addAll(List.of("-c", "20", "-i", "0.05", "-w", "60", "-s", "1000", address));
        assertNoneLost(20, from.run(JavaCommand.of(Main.class, arguments).toArray(String[]::new)));
    }

    /** Whether it still asks. */
    boolean isRunning() {
        return process.isAlive();
    }

    /** Waits for its end, and asserts that every request was answered. */
    void assertAllAnswered() throws IOException {
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertNoneLost(count, said);
    }

    /**
     * Asserts that there are enough answers, and as many as the last of them has requests before it, itself included: one
     * that was lost would be missing.
     */
    static void assertNoneLost(final int count, final String said) {
        final Matcher received = RECEIVED.matcher(said);
        assertTrue(received.find(), said);
        final int answers = Integer.parseInt(received.group(1));
        assertTrue(answers >= count, said);
        int last = 0;
        for (final Matcher answer = ANSWER.matcher(said); answer.find(); ) {
            last = Integer.parseInt(answer.group(1));
        }
        assertTrue(last > 0 && last <= answers, () -> "requests were lost:\n" + said);
    }
}
