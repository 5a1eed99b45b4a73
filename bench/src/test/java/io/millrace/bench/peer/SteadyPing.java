package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Linux's ping at a steady pace while something else happens. It ends with the last answer that it wants; of a request
 * that was lost it tells by asking once more, so that one that is late is not taken for lost.
 */
final class SteadyPing {
    private static final String INTERVAL_SECONDS = "0.005";
    private static final String PATIENCE_SECONDS = "60";
    private static final Pattern LAST = Pattern.compile("icmp_seq=(\\d+) ttl");

    private final String address;
    private final int count;
    private final Process process;

    private SteadyPing(final String address, final int count, final Process process) {
        this.address = address;
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
        return new SteadyPing(address, count, process);
    }

    /** Whether it still asks. */
    boolean isRunning() {
        return process.isAlive();
    }

    /** Waits for its end, and asserts that every request was answered. */
    void assertAllAnswered() throws IOException {
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        final Matcher last = LAST.matcher(said);
        assertTrue(said.contains(" " + count + " received"), said);
        assertTrue(last.find(), said);
        assertTrue(Integer.parseInt(last.group(1)) <= count, () -> "requests to " + address + " were lost:\n" + said);
    }
}
