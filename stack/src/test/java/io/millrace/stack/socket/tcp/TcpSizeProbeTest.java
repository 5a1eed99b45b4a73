package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.MtuProbing;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.testkit.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The search for the largest segments that a path carries, behind a wire that drops larger ones without a word. */
class TcpSizeProbeTest {
    private static final int FULL = 1460;
    private static final int SMALLER = 1240;
    private static final long ROUND_TRIP = 20_000;

    /** Time that a search rests. */
    private static final long INTERVAL = 120_000_000;

    private TcpHarness h = new TcpHarness(config().build());
    /** Largest payload that passes. */
    private int passes = 1300;

    private final TreeSet<Integer> missing = new TreeSet<>();
    private int expected = 1;
    private int highest = 1;
    private int largest;
    private final List<Integer> sizes = new ArrayList<>();

    private static TcpConfigBuilder config() {
        return TcpHarness.plain()
                .sack(true)
                .sendBuffer(100_000)
                .bufferMemory(4 << 20)
                .mtuProbeInterval(INTERVAL);
    }

    private void open(final MtuProbing mode) {
        h.close();
        h = new TcpHarness(config().mtuProbing(mode).build());
        open();
    }

    private void open() {
        h.listen(1);
        h.send(Seg.syn(0).mss(FULL).win(65535).sackOk(true));
        h.expect(Seg.synAck(0, 1));
        h.advance(ROUND_TRIP);
        h.send(Seg.ack(1, 1).win(65535));
    }

    /** The peer gets what passes, and acknowledges it, for some time in which there is always something to send. */
    private void run(final long micros) {
        final long end = h.now + micros;
        while (h.now < end) {
            h.write("x".repeat(Math.max(0, Math.min(20_000, h.socket().writable()))));
            h.advance(ROUND_TRIP);
            deliver();
        }
    }

    private void deliver() {
        for (final Seg segment : h.takeSent()) {
            if (segment.payload.length > 0 && segment.payload.length <= passes) {
                arrive(segment.seq, segment.seq + segment.payload.length);
            }
        }
    }

    private void arrive(final int from, final int to) {
        largest = Math.max(largest, to - from);
        sizes.add(to - from);
        for (int seq = highest; seq < from; seq++) {
            missing.add(seq);
        }
        missing.subSet(from, to).clear();
        highest = Math.max(highest, to);
        expected = missing.isEmpty() ? highest : missing.first();
        h.advance(1); // no two segments come at once
        final Seg ack = Seg.ack(1, expected).win(65535);
        if (missing.isEmpty()) {
            h.send(ack);
        } else {
            final Integer next = missing.ceiling(to);
            final Integer before = missing.floor(to - 1);
            h.send(ack.sack(before == null ? to : before + 1, next == null ? highest : next));
        }
    }

    private void close() {
        h.close();
    }

    @Test
    @Origin("RFC 4821 7.3")
    void shouldFindTheLargestSizeThatPassesAndLoseNoSpeedByIt() {
        open();
        run(30_000_000);
        assertEquals(1, h.counters.get(StackCounter.TCP_BLACK_HOLES));
        assertTrue(largest > 1300 - 32 && largest <= 1300, "found " + largest);
        final long probes = h.counters.get(StackCounter.TCP_SIZE_PROBES);
        assertTrue(probes > 3 && probes < 20, probes + " probes");
        assertEquals(0, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS), "loss of a probe is no congestion");
        run(10_000_000);
        assertEquals(probes, h.counters.get(StackCounter.TCP_SIZE_PROBES), "the search is over");
        close();
    }

    @Test
    @Origin("RFC 8899 5.1.1")
    void shouldSearchAnewAfterAWhileAndFindThatThePathHasRecovered() {
        open();
        run(30_000_000);
        passes = FULL;
        for (int i = 0; i < 100; i++) { // all that was written arrives
            h.advance(ROUND_TRIP);
            deliver();
        }
        h.advance(INTERVAL);
        run(5_000_000);
        assertEquals(FULL, largest);
        assertEquals(1, h.counters.get(StackCounter.TCP_BLACK_HOLES));
        close();
    }

    @Test
    @Origin("RFC 4821 7.2")
    void shouldNotProbeWhenTooLittleWouldFollowToShowALoss() {
        open();
        passes = SMALLER;
        run(5_000_000);
        final long probes = h.counters.get(StackCounter.TCP_SIZE_PROBES);
        passes = 0;
        h.takeSent();
        h.send(Seg.ack(1, highest).win(65535));
        h.advance(2_000_000);
        h.takeSent().forEach(segment -> assertTrue(segment.payload.length <= SMALLER + 220, segment::toString));
        assertTrue(h.counters.get(StackCounter.TCP_SIZE_PROBES) - probes <= 1);
        close();
    }

    @Test
    @Origin("RFC 8899 5.2")
    void shouldBeginWithWhatEveryPathCarriesAndFindTheRestWithoutLosingTime() {
        open(MtuProbing.ALWAYS);
        run(30_000_000);
        assertTrue(largest > 1300 - 32 && largest <= 1300, "found " + largest);
        assertEquals(0, h.counters.get(StackCounter.TCP_BLACK_HOLES));
        assertEquals(0, h.counters.get(StackCounter.TCP_RTO));
        assertEquals(0, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
        close();
    }

    @Test
    @Origin("RFC 4821 7.3")
    void shouldTakeOneProbeOnlyWhenThePathCarriesWhatItsDevicesDo() {
        passes = FULL;
        open(MtuProbing.ALWAYS);
        run(1_000_000);
        assertEquals(FULL, largest);
        assertEquals(List.of(FULL, SMALLER, SMALLER), sizes.subList(0, 3));
        assertEquals(1, h.counters.get(StackCounter.TCP_SIZE_PROBES));
        close();
    }

    @Test
    @Origin("RFC 8899 5.1.1")
    void shouldProbeAgainForALargerSizeWhenTheRaiseTimerExpires() {
        open(MtuProbing.ALWAYS);
        run(30_000_000);
        final long probes = h.counters.get(StackCounter.TCP_SIZE_PROBES);
        passes = 1400;
        run(INTERVAL);
        run(20_000_000);
        assertTrue(largest > 1400 - 32, "found " + largest);
        assertTrue(h.counters.get(StackCounter.TCP_SIZE_PROBES) > probes);
        close();
    }

    @Test
    void shouldSendSegmentsOfOneSizeOnlyWhenProbingIsOff() {
        open(MtuProbing.OFF);
        run(20_000_000);
        assertEquals(0, largest, "nothing of that size passes");
        assertEquals(0, h.counters.get(StackCounter.TCP_SIZE_PROBES));
        assertEquals(0, h.counters.get(StackCounter.TCP_BLACK_HOLES));
        assertTrue(h.counters.get(StackCounter.TCP_RTO) > 2);
        close();
    }

    @Test
    void shouldTrustThePathWhenProbesCouldNotBeSeenToBeLost() {
        h.close();
        h = new TcpHarness(config().sack(false).mtuProbing(MtuProbing.ALWAYS).build());
        open();
        h.write("x".repeat(2 * FULL));
        assertEquals(FULL, h.takeSent().getFirst().payload.length);
        close();
    }
}
