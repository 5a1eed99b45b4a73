package io.millrace.bench.peer.twins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.testkit.PoolWatch;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Made-up segments and calls, the same for Linux's TCP and for ours, in every state and over both families: what is sent,
 * what calls answer and what sockets are ready for is the same, but for what {@code meant.txt} names.
 *
 * <p>A case comes from its seed. Others, and more of them, are tried with {@code -Dmillrace.twins.seed=N
 * -Dmillrace.twins.cases=N -Dmillrace.twins.steps=N}. A case that differs is told with as few steps as make the difference,
 * one for each kind.
 */
@Tag("peers")
@Timeout(36_000)
final class TcpTwinsPeerTest {
    /** The Linux that all differences were looked at with; others know other checks. */
    private static final String LEAST_LINUX = "6.18";

    private static final int SEED = Integer.getInteger("millrace.twins.seed", 1);
    private static final int CASES = Integer.getInteger("millrace.twins.cases", 25);
    private static final int STEPS = Integer.getInteger("millrace.twins.steps", 8);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void shouldDoWhatLinuxDoesWithTheSameSegmentsAndCalls() throws Exception {
        final String linux = System.getProperty("os.version");
        assumeTrue(
                Runtime.Version.parse(numbers(linux)).compareTo(Runtime.Version.parse(LEAST_LINUX)) >= 0,
                () -> "Linux " + linux + " is older than " + LEAST_LINUX + ", with which differences were looked at");
        final Map<String, String> kinds = new TreeMap<>();
        try (TwinComparison comparison = new TwinComparison(new LinuxTwin(folder), new OurTwin(pools))) {
            for (final String situation : TwinSteps.SITUATIONS) {
                for (int seed = SEED; seed < SEED + CASES; seed++) {
                    final TwinCase one = TwinSteps.make(situation, seed, STEPS);
                    final TwinComparison.Difference difference = comparison.find(one);
                    if (difference != null && !kinds.containsKey(difference.kind())) {
                        kinds.put(
                                difference.kind(),
                                "\n" + situation + ", seed " + seed + "\n" + comparison.reduce(one, difference));
                    }
                }
            }
        }
        assertEquals(List.of(), List.copyOf(kinds.values()));
    }

    /** Major and minor number of a release. */
    private static String numbers(String release) {
        return release.replaceFirst("^(\\d+\\.[1-9]\\d*|\\d+).*", "$1");
    }
}
