package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.Await;
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
    private static final String PATIENCE_SECONDS = "60";

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
        Namespaces.bePatient(from);
        final String times = Integer.toString(count);
        final List<String> command = new ArrayList<>(List.of("ping", "-n", "-c", times, "-s", Integer.toString(size)));
        command.addAll(List.of("-l", times, "-i", PATIENCE_SECONDS, "-W", PATIENCE_SECONDS));
        command.addAll(List.of(more));
        command.add(address);
        final String said = from.run(command.toArray(String[]::new));
        assertTrue(said.contains(" " + times + " received, 0% packet loss"), said);
        return said;
    }

    /**
     * Asks until there is an answer: where addresses are still being checked, a link comes up, or a neighbour does not
     * know yet what has changed.
     */
    static void untilAnswered(Namespace from, String address) throws Exception {
        Await.until("an answer from " + address, () -> isAnswered(from, address));
    }

    /** Whether an answer comes to one request, within a second or somewhat more. */
    static boolean isAnswered(Namespace from, String address) throws CommandException {
        return from.run("sh", "-c", "ping -n -c 1 -W 1 " + address + " || true").contains(" 1 received");
    }

    /** What ping says of one request that ends with an error. */
    static String failed(Namespace from, String address, String... more) throws CommandException {
        final String options = String.join(" ", more);
        return from.run("sh", "-c", "ping -n -c 1 -W " + PATIENCE_SECONDS + " " + options + " " + address + " || true");
    }
}
