package io.millrace.dataplane.pipeline.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.testkit.NodeHarness;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class LearningSwitchTest {
    private static final String A = "020000000001";
    private static final String B = "020000000002";
    private static final String ALL = "ffffffffffff";
    private static final long SECOND = 1_000_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(64);
    private final PoolCache cache = pools.cache(pool);
    private final MacTable table = new MacTable(4, 300 * SECOND, new Random(1));
    private final NodeHarness node = NodeHarness.of(new LearningSwitch("switch", 3, table), cache);

    @AfterEach
    void close() {
        node.close();
    }

    private static String frame(final String dst, final String src) {
        return dst + src + "0800" + "4500";
    }

    private static String tagged(final String dst, final String src, final int vlan) {
        return dst + src + "8100" + "%04x".formatted(0xA000 | vlan) + "0800";
    }

    private void send(final int port, final String frame, final long now) {
        node.frame(port, frame).poll(now);
    }

    /** Which ports have sent the frame, and nothing else. */
    private void assertSentBy(final String frame, final int... ports) {
        for (int port = 0; port < 3; port++) {
            final int wanted = port;
            final boolean sent = Arrays.stream(ports).anyMatch(each -> each == wanted);
            assertEquals(sent ? List.of(frame) : List.of(), node.out("port" + port), "port " + port);
        }
    }

    @Test
    void shouldFloodWhenTheDestinationIsUnknown() {
        send(1, frame(B, A), 0);
        assertSentBy(frame(B, A), 0, 2);
        assertEquals(1, node.counted("floods"));
    }

    @Test
    void shouldSendToOnePortWhenTheDestinationWasHeardThere() {
        send(1, frame(B, A), 0);
        assertSentBy(frame(B, A), 0, 2);
        send(2, frame(A, B), 1);
        assertSentBy(frame(A, B), 1);
        send(0, frame(B, "020000000003"), 2);
        assertSentBy(frame(B, "020000000003"), 2);
    }

    @Test
    void shouldFloodWhenTheDestinationIsAGroup() {
        send(0, frame(ALL, A), 0);
        assertSentBy(frame(ALL, A), 1, 2);
        send(2, frame("3333000000fb", A), 1);
        assertSentBy(frame("3333000000fb", A), 0, 1);
        assertEquals(1, node.counted("moves"));
    }

    @Test
    void shouldNotLearnWhenTheSourceIsAGroup() {
        send(0, frame(B, "010000000001"), 0);
        send(0, frame(B, "000000000000"), 0);
        assertSentBy("");
        assertEquals(2, node.dropped("badSource"));
        assertEquals(0, table.size());
    }

    @Test
    void shouldDropWhenTheDestinationIsWhereTheFrameCameFrom() {
        send(0, frame(B, A), 0);
        assertSentBy(frame(B, A), 1, 2);
        send(0, frame(A, B), 0);
        assertSentBy("");
        assertEquals(1, node.dropped("samePort"));
    }

    @Test
    void shouldLearnEachVlanForItself() {
        send(0, tagged(ALL, A, 10), 0);
        assertSentBy(tagged(ALL, A, 10), 1, 2);
        send(1, tagged(A, B, 10), 0);
        assertSentBy(tagged(A, B, 10), 0);
        send(1, tagged(A, B, 11), 0);
        assertSentBy(tagged(A, B, 11), 0, 2);
    }

    @Test
    void shouldKeepToItselfWhatIsForBridges() {
        send(0, frame("0180c2000000", A), 0);
        send(0, frame("0180c200000e", A), 0);
        assertSentBy("");
        assertEquals(2, node.dropped("reservedGroup"));
        send(0, frame("0180c2000010", A), 0);
        assertSentBy(frame("0180c2000010", A), 1, 2);
    }

    @Test
    void shouldForgetAndSweepWhenAStationIsSilent() {
        send(0, frame(ALL, A), 0);
        assertSentBy(frame(ALL, A), 1, 2);
        for (long now = SECOND; now <= 310 * SECOND; now += 100_000) {
            node.poll(now);
        }
        assertEquals(0, table.size());
        send(1, frame(A, B), 311 * SECOND);
        assertSentBy(frame(A, B), 0, 2);
    }

    @Test
    void shouldStillForwardWhenTheTableIsFull() {
        for (int i = 1; i <= 5; i++) {
            send(0, frame(ALL, "02000000010" + i), 0);
            assertSentBy(frame(ALL, "02000000010" + i), 1, 2);
        }
        assertEquals(4, table.size());
        assertEquals(1, node.counted("notLearned"));
    }

    @Test
    void shouldObeyAnEntryWhenItIsSetByHand() {
        table.fix(0x0200_0000_0002L, 0, 2);
        send(0, frame(B, A), 0);
        assertSentBy(frame(B, A), 2);
        send(1, frame(ALL, B), 0);
        assertSentBy(frame(ALL, B), 0, 2);
        send(0, frame(B, A), 0);
        assertSentBy(frame(B, A), 2);
    }

    @Test
    void shouldCountWhatItCannotReadOrPlace() {
        send(0, A + "0800", 0);
        send(0, A + B + "8100" + "0001", 0);
        send(3, frame(A, B), 0);
        assertSentBy("");
        assertEquals(2, node.dropped("tooShort"));
        assertEquals(1, node.dropped("unknownPort"));
    }

    @Test
    void shouldSendToTheLastPortWhenThereIsNoBufferForCopies() {
        node.frame(0, frame(ALL, A));
        final long[] taken = new long[64];
        final int count = cache.allocate(taken, 0, taken.length);
        node.poll(0);
        assertSentBy(frame(ALL, A), 2);
        assertEquals(1, node.dropped("noBuffer"));
        cache.free(taken, 0, count);
    }
}
