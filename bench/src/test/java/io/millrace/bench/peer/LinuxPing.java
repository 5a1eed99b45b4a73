package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.util.ArrayList;
import java.util.List;

/**
 * Linux's ping where every request must be answered.
 *
 * <p>Once it had an answer, ping waits for the others no longer than twice the longest round trip so far, or an interval
 * if that is more: on a busy machine answers that are a few milliseconds late count as lost, whatever {@code -W} says.
 * So all requests go out at once ({@code -l}), with an interval that is long enough to wait; ping ends as soon as the
 * last answer is there.
 */
final class LinuxPing {
    private static final String PATIENCE_SECONDS = "8";

    private LinuxPing() {}

    /**
     * Asks, and asserts that every answer comes.
     *
     * @param count requests, at most as many as wait for a neighbour to be found
     * @param size bytes of data in each
     * @param more options of ping
     * @return what ping said
     */
    static String answered(Namespace from, String address, int count, int size, String... more)
            throws CommandException {
        final String times = Integer.toString(count);
        final List<String> command = new ArrayList<>(List.of("ping", "-n", "-c", times, "-s", Integer.toString(size)));
        command.addAll(List.of("-l", times, "-i", PATIENCE_SECONDS, "-W", PATIENCE_SECONDS));
        command.addAll(List.of(more));
        command.add(address);
        final String said = from.run(command.toArray(String[]::new));
        assertTrue(said.contains(" " + times + " received, 0% packet loss"), said);
        return said;
    }
}
