package io.millrace.stack.socket.tcp;

import org.junit.jupiter.api.Test;

/**
 * What TCP promises on the wire, held against a peer and an application that do as they like (see {@link PromisePeer},
 * {@link PromiseApplication}). A failure prints its seed: {@code -Dmillrace.promises.seed=N -Dmillrace.promises.rounds=1}
 * plays it again, and more rounds are a soak.
 */
class TcpPromisesTest {
    private static final long SEED = Long.getLong("millrace.promises.seed", 1);
    private static final int ROUNDS = Integer.getInteger("millrace.promises.rounds", 150);

    @Test
    void shouldKeepItsPromisesWhateverThePeerDoes() {
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            try (PromiseRound round = new PromiseRound(seed)) {
                round.run();
            } catch (final Throwable e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
