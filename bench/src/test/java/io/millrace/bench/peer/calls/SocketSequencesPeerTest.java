package io.millrace.bench.peer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.agent.AgentRig;
import io.millrace.testkit.PoolWatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sequences of socket calls that chance makes up, some of which wait while others go on: what each answers, whether it
 * waits, and what the sockets are ready for after it, is the same on Linux's sockets and on ours. {@code
 * millrace.sequences.seed}, {@code .cases} and {@code .steps} play others.
 */
@Tag("peers")
@Timeout(1_800)
final class SocketSequencesPeerTest {
    private static final long SEED = Long.getLong("millrace.sequences.seed", 1);
    private static final int CASES = Integer.getInteger("millrace.sequences.cases", 150);
    private static final int STEPS = Integer.getInteger("millrace.sequences.steps", 24);
    private static final int MOST_TOLD = 10;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldAnswerAsLinuxDoesWhateverIsCalledInWhateverOrder(@TempDir Path folder) throws Exception {
        final List<String> wrong = new ArrayList<>();
        try (LinuxCalls linux = new LinuxCalls(folder);
                AgentRig ours = new AgentRig(pools)) {
            final SocketSequence sequence = new SocketSequence(linux, ours);
            final SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < CASES && wrong.size() < MOST_TOLD; i++) {
                final List<String> steps = SequenceSteps.make(random.split(), STEPS);
                final String difference = sequence.play(steps);
                if (!difference.isEmpty()) {
                    wrong.add("\ncase " + i + ":\n    " + sequence.shortest(steps, difference));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }
}
