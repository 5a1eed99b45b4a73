package io.millrace.stack.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Some cells of the reference's tables. Time is virtual, so throughput is the same on every machine. */
class NetsimTest {
    @ParameterizedTest
    @CsvSource({"3, 2", "4, 4", "5, 3", "5, 6", "6, 2", "7, 3", "7, 5", "8, 1", "8, 4", "8, 7"})
    @Origin("smoltcp:tests::netsim::netsim")
    void shouldBeFasterThanTheReference(final int buffer, final int loss) {
        final double reached = Netsim.single(
                        CongestionAlgorithm.CUBIC,
                        NetsimTable.BUFFERS[buffer],
                        NetsimTable.LOSSES[loss],
                        Netsim.SINGLE_BYTES)
                .throughput();
        assertTrue(
                reached >= NetsimTable.goal(buffer, loss),
                () -> reached + " bytes/s; the goal is " + NetsimTable.goal(buffer, loss));
    }

    @Test
    @Origin("smoltcp:tests::netsim::netsim_multiflow")
    void shouldShareALinkFairly() {
        final Netsim.Result result = Netsim.shared(CongestionAlgorithm.CUBIC, 16);
        assertTrue(result.fairness() >= NetsimTable.FAIRNESS[3], result::toString);
    }

    @Test
    void shouldBeTheSameEachTime() {
        final Netsim.Result first = Netsim.single(CongestionAlgorithm.CUBIC, 8192, 0.05, 1 << 20);
        assertEquals(first, Netsim.single(CongestionAlgorithm.CUBIC, 8192, 0.05, 1 << 20));
    }
}
