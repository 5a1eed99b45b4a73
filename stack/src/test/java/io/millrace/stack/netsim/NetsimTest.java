package io.millrace.stack.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Some cells of the reference's tables. Time is virtual, so throughput is the same on every machine. */
class NetsimTest {
    @ParameterizedTest
    @CsvSource({
        "3, 2", "4, 0", "4, 4", "5, 0", "5, 3", "5, 6", "6, 2", "7, 0", "7, 2", "7, 5", "8, 1", "8, 2", "8, 4", "8, 7"
    })
    @Origin("smoltcp:tests::netsim::netsim")
    void shouldBeFasterThanTheReference(final int buffer, final int loss) {
        final double reached = Netsim.single(
                        CongestionAlgorithm.CUBIC,
                        NetsimTable.BUFFERS[buffer],
                        NetsimTable.LOSSES[loss],
                        Netsim.SINGLE_BYTES)
                .throughput();
        assertTrue(
                reached >= NetsimTable.goal(CongestionAlgorithm.CUBIC, buffer, loss),
                () -> reached + " bytes/s; the goal is " + NetsimTable.goal(CongestionAlgorithm.CUBIC, buffer, loss));
    }

    @ParameterizedTest
    @CsvSource({"5, 4", "6, 7", "7, 1", "8, 1", "8, 3", "8, 5"})
    void shouldReachWithBbrWhatTheReferenceDoesWithoutCongestionControl(final int buffer, final int loss) {
        final double reached = Netsim.single(
                        CongestionAlgorithm.BBR,
                        NetsimTable.BUFFERS[buffer],
                        NetsimTable.LOSSES[loss],
                        Netsim.SINGLE_BYTES)
                .throughput();
        assertTrue(reached >= NetsimTable.goal(CongestionAlgorithm.BBR, buffer, loss), () -> reached + " bytes/s");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    @Origin("smoltcp:tests::netsim::netsim_multiflow")
    void shouldFillASharedLinkFairlyAndDropLittle(final int index) {
        final Netsim.Result result = Netsim.shared(CongestionAlgorithm.CUBIC, NetsimTable.FLOWS[index]);
        assertTrue(result.throughput() >= NetsimTable.SHARED[index], result::toString);
        assertTrue(result.drops() < 0.012, result::toString);
        assertTrue(result.fairness() >= NetsimTable.fairnessGoal(CongestionAlgorithm.CUBIC, index), result::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void shouldShareALinkMoreFairlyWithHyblaThanTheReference(final int index) {
        final Netsim.Result result = Netsim.shared(CongestionAlgorithm.HYBLA, NetsimTable.FLOWS[index]);
        assertTrue(result.throughput() >= NetsimTable.SHARED[index], result::toString);
        assertTrue(result.fairness() >= NetsimTable.fairnessGoal(CongestionAlgorithm.HYBLA, index), result::toString);
    }

    @Test
    void shouldBeTheSameEachTime() {
        final Netsim.Result first = Netsim.single(CongestionAlgorithm.CUBIC, 8192, 0.05, 1 << 20);
        assertEquals(first, Netsim.single(CongestionAlgorithm.CUBIC, 8192, 0.05, 1 << 20));
    }
}
