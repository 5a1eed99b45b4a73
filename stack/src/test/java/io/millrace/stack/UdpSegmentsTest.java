package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSegments;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many datagrams of one size sent and received at once. */
class UdpSegmentsTest {
    private static final int ALL = 30_500;
    private static final int SIZE = 1_000;
    private static final int ROUNDS = 2_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final MemorySegment target = Frames.ofBytes(new byte[2 * ALL]);
    private final UdpSegments segments = new UdpSegments();
    private final MemorySegment source = Frames.ofBytes(bytes());

    @SuppressWarnings("NullAway.Init")
    private TwoStacks stacks;

    @BeforeEach
    void start() {
        stacks = new TwoStacks(pools, WireConditions.PERFECT);
    }

    private static byte[] bytes() {
        final byte[] made = new byte[ALL];
        new Random(1).nextBytes(made);
        return made;
    }

    @AfterEach
    void stop() {
        stacks.close();
    }

    private static Endpoint<IpAddress> at(final String address, final int port) {
        return new Endpoint<>(IpAddress.parse(address), port);
    }

    /** A socket at {@code b}, and one at {@code a} that is connected to it. */
    private UdpSocket<IpAddress> receiver(final boolean v6) {
        return stacks.b.bind(at(v6 ? TwoStacks.B6 : TwoStacks.B4, 7));
    }

    private UdpSocket<IpAddress> sender(final boolean v6) {
        final UdpSocket<IpAddress> socket = stacks.a.bind(at(v6 ? TwoStacks.A6 : TwoStacks.A4, 9));
        socket.connect(at(v6 ? TwoStacks.B6 : TwoStacks.B4, 7));
        return socket;
    }

    private void assertReceived(final long from, final int length) {
        assertEquals(-1, target.asSlice(0, length).mismatch(source.asSlice(from, length)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCutWhatIsSentAndJoinWhatIsReceived(final boolean v6) {
        final UdpSocket<IpAddress> to = receiver(v6);
        assertEquals(ALL, sender(v6).sendSegments(source, 0, ALL, SIZE));
        stacks.runUntil(() -> to.readable() == 31, 5);
        assertEquals(ALL, to.receiveSegments(target, 0, 2 * ALL, segments));
        assertReceived(0, ALL);
        assertEquals(31, segments.count());
        assertEquals(SIZE, segments.size());
        assertEquals(at(v6 ? TwoStacks.A6 : TwoStacks.A4, 9), segments.source());
        assertEquals(-1, to.receiveSegments(target, 0, 2 * ALL, segments));
        assertEquals(0, stacks.b.counters().get(StackCounter.UDP_BAD_CHECKSUM));
    }

    @Test
    void shouldBeDatagramsToWhoeverDoesNotJoinThem() {
        final UdpSocket<IpAddress> to = receiver(false);
        sender(false).sendSegments(source, 0, 2 * SIZE + 1, SIZE);
        stacks.runUntil(() -> to.readable() == 3, 5);
        for (final int length : new int[] {SIZE, SIZE, 1}) {
            final UdpDatagram datagram = to.receive();
            assertEquals(length, datagram == null ? -1 : datagram.length());
        }
    }

    /** A shorter one ends a run, a longer one begins the next; so does another sender, and what has no room. */
    @Test
    void shouldJoinOnlyWhatWasSentInOneSizeByOnePeer() {
        final UdpSocket<IpAddress> to = receiver(false);
        final UdpSocket<IpAddress> from = sender(false);
        final UdpSocket<IpAddress> other = stacks.a.bind(at(TwoStacks.A4, 10));
        other.connect(at(TwoStacks.B4, 7));
        for (final int length : new int[] {100, 100, 50, 100, 200, 100}) {
            from.send(source, 0, length);
        }
        other.send(source, 0, 100);
        other.send(source, 0, 0);
        stacks.runUntil(() -> to.readable() == 8, 5);
        final int[][] expected = {{250, 3}, {100, 1}, {300, 2}, {100, 1}, {0, 1}};
        for (final int[] run : expected) {
            assertEquals(run[0], to.receiveSegments(target, 0, ALL, segments));
            assertEquals(run[1], segments.count());
        }
        from.sendSegments(source, 0, 300, 100);
        stacks.runUntil(() -> to.readable() == 3, 5);
        assertEquals(200, to.receiveSegments(target, 0, 299, segments));
        assertEquals(40, to.receiveSegments(target, 0, 40, segments), "the rest of a long one is lost");
        assertEquals(100, segments.size());
        assertEquals(0, to.readable());
    }

    @ParameterizedTest
    @CsvSource({"false, 1472", "true, 1452"})
    void shouldSendNoneThatIsTooLongForThePath(final boolean v6, final int most) {
        final UdpSocket<IpAddress> to = receiver(v6);
        final UdpSocket<IpAddress> from = sender(v6);
        assertEquals(-IpOutput.TOO_BIG, from.sendSegments(source, 0, ALL, most + 1));
        assertEquals(1, stacks.a.counters().get(StackCounter.TX_TOO_BIG));
        assertEquals(2 * most, from.sendSegments(source, 0, 2 * most, most));
        stacks.runUntil(() -> to.readable() == 2, 5);
        assertEquals(2 * most, to.receiveSegments(target, 0, ALL, segments));
    }

    @Test
    void shouldSendToItselfAndToNobody() {
        final UdpSocket<IpAddress> own = stacks.a.bind(at(TwoStacks.A4, 7));
        final IpAddress self = own.local().address();
        assertEquals(500, own.sendSegments(self.hi(), self.lo(), 7, source, 0, 500, 100, null));
        stacks.runUntil(() -> own.readable() == 5, 5);
        assertEquals(500, own.receiveSegments(target, 0, ALL, segments));
        final IpAddress nobody = IpAddress.parse("198.51.100.1");
        assertEquals(-IpOutput.NO_ROUTE, own.sendSegments(nobody.hi(), nobody.lo(), 7, source, 0, 500, 100, null));
        assertThrows(IllegalStateException.class, () -> own.sendSegments(source, 0, 500, 100));
        assertThrows(IllegalArgumentException.class, () -> sender(false).sendSegments(source, 0, 0, 100));
        final UdpSocket<IpAddress> six = sender(true);
        assertThrows(IllegalArgumentException.class, () -> six.sendSegments(source, 0, 100, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> six.sendSegments(source, 1, ALL, 100));
        six.close();
        final IpAddress b = IpAddress.parse(TwoStacks.B6);
        assertEquals(-IpOutput.NO_ROUTE, six.sendSegments(b.hi(), b.lo(), 7, source, 0, 100, 100, null));
    }

    /** What has no buffer is not sent, and the caller is told how far it went. */
    @Test
    void shouldSayHowMuchWasSentWhenBuffersAreShort() {
        final UdpSocket<IpAddress> to = receiver(false);
        to.queueLimits(0xFFFF, 1 << 20);
        final UdpSocket<IpAddress> from = sender(false);
        from.send(source, 0, 1); // so that the neighbour is known
        stacks.runUntil(() -> to.readable() == 1, 5);
        int sent = ALL;
        int rounds = 0;
        while (sent == ALL && rounds < 100) {
            sent = from.sendSegments(source, 0, ALL, SIZE);
            rounds++;
        }
        assertTrue(sent < ALL && sent % SIZE == 0, sent + " bytes");
        stacks.runFor(1_000_000);
        assertEquals(ALL, from.sendSegments(source, 0, ALL, SIZE));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAllocateNothing(final boolean v6) {
        final UdpSocket<IpAddress> to = receiver(v6);
        final UdpSocket<IpAddress> from = sender(v6);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20 && least > 0; round++) {
            // The first rounds may still meet code that is being compiled.
            final long before = THREADS.getCurrentThreadAllocatedBytes();
            exchange(from, to);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least, "bytes allocated for " + ROUNDS + " runs");
    }

    private void exchange(final UdpSocket<IpAddress> from, final UdpSocket<IpAddress> to) {
        for (int i = 0; i < ROUNDS; i++) {
            from.sendSegments(source, 0, ALL, SIZE);
            int received = 0;
            while (received < ALL) {
                stacks.a.poll(stacks.clock.now());
                stacks.b.poll(stacks.clock.now());
                received += Math.max(0, to.receiveSegments(target, 0, 2 * ALL, segments));
                stacks.clock.advance(1);
            }
        }
    }
}
