package io.millrace.stack.pair;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * Two ends of ours against each other, with settings, applications and a wire by chance (see {@link PairRound}). A failure
 * prints its seed: {@code -Dmillrace.pair.seed=N -Dmillrace.pair.rounds=1} plays it again, {@code -Dmillrace.pair.packets=true} tells the packets too, and more rounds
 * are a soak.
 */
class TcpPairTest {
    private static final long SEED = Long.getLong("millrace.pair.seed", 1);
    private static final int ROUNDS = Integer.getInteger("millrace.pair.rounds", 50);

    @Test
    void shouldDeliverAndEndWhateverTheSettingsAndTheWire() {
        int marked = 0;
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            try (PairRound round = new PairRound(seed)) {
                round.run();
                marked += round.marked();
            } catch (final Throwable e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertTrue(marked > 0 || ROUNDS < 10, "nothing was marked on its way");
    }
}
