package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpView;
import java.lang.management.ManagementFactory;
import java.util.StringTokenizer;
import java.util.function.IntConsumer;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What connections cost that have nothing to do. */
class IdleConnectionTest {
    private static final int CONNECTIONS = 30_000;
    private static final int LIMIT = 512;
    /** What both ends count of code points, on top of that. */
    private static final int COUNTS = 144;

    @ParameterizedTest
    @ValueSource(ints = {0, TcpView.ECE | TcpView.CWR, AccurateEcn.SETUP})
    void shouldCostAtMost512BytesWhenIdle(final int asked) {
        final int limit = limit(asked);
        try (TcpHarness h =
                new TcpHarness(TcpConfig.builder().ecn(EcnMode.ACCEPT_ACCURATE).build())) {
            h.listen(1);
            open(h, 1, 1000, asked); // what is loaded and grown once
            final long before = used();
            open(h, 1001, CONNECTIONS, asked);
            final long each = (used() - before) / CONNECTIONS;
            assertTrue(each <= limit, "an idle connection takes " + each + " bytes");
            assertTrue(each > 200, "measured " + each + " bytes, which cannot be all");
            assertEquals(h.engine.chunks().capacity(), h.engine.chunks().available());
        }
    }

    @ParameterizedTest
    @CsvSource({"CUBIC, 192", "CUBIC, 448", "BBR, 0"})
    void shouldCostNoMoreWhenItHasBeenUsed(final CongestionAlgorithm algorithm, final int asked) {
        final int limit = limit(asked);
        try (TcpHarness h = new TcpHarness(TcpConfig.builder()
                .congestionControl(algorithm)
                .ecn(EcnMode.ACCEPT_ACCURATE)
                .build())) {
            h.then = new TcpHandler() {
                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    socket.consume(socket.readable());
                    socket.writeSpan();
                    socket.commit(100);
                }
            };
            h.listen(1);
            open(h, 1, 1000, asked);
            final long before = used();
            open(h, 1001, CONNECTIONS, asked);
            each(h, 1001, CONNECTIONS, port -> {
                h.send(Seg.data(1, 1, "hello"));
                h.takeSent();
                h.send(Seg.ack(6, 101));
            });
            silence(h);
            final long each = (used() - before) / CONNECTIONS;
            assertTrue(each <= limit, "an idle connection takes " + each + " bytes");
            assertEquals(h.engine.chunks().capacity(), h.engine.chunks().available());
        }
    }

    @Test
    void shouldCostNoMoreWhenItsPeerSeesWhetherItIsAlive() {
        try (TcpHarness h = new TcpHarness()) {
            h.listen(1);
            open(h, 1, 1000, 0);
            final long before = used();
            open(h, 1001, CONNECTIONS, 0);
            each(h, 1001, CONNECTIONS, port -> {
                h.send(Seg.ack(0, 1));
                h.expect(Seg.ack(1, 1));
                h.send(Seg.ack(0, 1));
                h.expectNothing();
            });
            final long each = (used() - before) / CONNECTIONS;
            assertTrue(each <= LIMIT, "an idle connection takes " + each + " bytes");
        }
    }

    @Test
    void shouldGoOnWhereItRestedWhenDataComesAgain() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 4096)) {
            final TcpConnection c = first(h);
            for (int i = 0; i < 3; i++) {
                h.send(Seg.data(1 + 3 * i, 1 + 5 * i, "abc"));
                assertNotNull(c.transferOrNull());
                assertEquals("abc", h.read());
                h.write("12345");
                h.expect(Seg.data(1 + 5 * i, 4 + 3 * i, "12345"));
                h.send(Seg.ack(4 + 3 * i, 6 + 5 * i));
                assertNotNull(c.transferOrNull(), "no sooner than it is silent");
                silence(h);
                assertNull(c.transferOrNull());
            }
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(15, info.bytesAcknowledged);
            assertEquals(9, info.bytesReceived);
            assertNull(c.transferOrNull(), "looking at a connection makes it no larger");
        }
    }

    @Test
    void shouldRememberThePathWhenItRests() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().sack(true).build(), 4096)) {
            final TcpConnection c = first(h);
            c.sack = true;
            c.recovery().rack().resume(1234, 7_000_000, (short) ((1 << 12) | (16 << 7) | 3));
            h.write("x");
            h.takeSent();
            h.now += 5000;
            h.send(Seg.ack(1, 2));
            silence(h);
            assertNull(c.transferOrNull());
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(1234, info.leastRtt);
            assertTrue(info.reordering);
            assertEquals(
                    (short) ((1 << 12) | (16 << 7) | 3), c.recovery().rack().reorderingMemory());
            assertEquals(7_000_000, c.recovery().rack().leastAt());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3})
    void shouldTakeBackMemoryThatWasPreparedAndNotWrittenTo(final int committed) {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 4096)) {
            assertEquals(1024, h.socket().writeSpan());
            if (committed >= 0) {
                h.socket().commit(committed);
            }
            h.poll();
            if (committed > 0) {
                h.send(Seg.ack(1, 1 + committed));
                h.socket().writeSpan();
            }
            silence(h);
            assertEquals(h.engine.chunks().capacity(), h.engine.chunks().available());
            assertEquals(0, h.engine.transfers.held());
        }
    }

    /** Whatever it was about to say when it ended. */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void shouldKeepNothingOfAConnectionThatIsOver(final boolean twice, final boolean byPeer) {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 4096)) {
            final TcpConnection c = first(h);
            c.sack = true;
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
            if (twice) {
                h.deliver(Seg.data(1, 1, "abc")); // not answered before the end
            }
            if (byPeer) {
                h.send(Seg.rst(4));
            } else {
                h.socket().abort();
                h.poll();
            }
            assertEquals(TcpState.CLOSED, h.state());
            silence(h);
            assertEquals(0, h.engine.transfers.held());
        }
    }

    private static int limit(final int asked) {
        return asked == AccurateEcn.SETUP ? LIMIT + COUNTS : LIMIT;
    }

    /** The peers' SYNs have the flags {@code asked}. */
    private static void open(final TcpHarness h, final int firstPort, final int count, final int asked) {
        each(h, firstPort, count, port -> {
            h.localIssKnown = false;
            h.send(Seg.syn(0).mss(1460).flags(asked));
            h.takeSent();
            h.send(Seg.ack(1, 1).ace(asked == AccurateEcn.SETUP ? 2 : 0));
            h.events.clear();
        });
    }

    private static void each(final TcpHarness h, final int firstPort, final int count, final IntConsumer what) {
        for (int port = firstPort; port < firstPort + count; port++) {
            h.ports(TcpHarness.LOCAL.port(), port);
            final FlowEntry flow = h.engine.flows.find(
                    IpFamily.V4,
                    0,
                    TcpHarness.LOCAL.address().lo(),
                    0,
                    TcpHarness.REMOTE.address().lo(),
                    FlowEntry.ports(TcpHarness.LOCAL.port(), port));
            if (flow instanceof TcpConnection c) {
                h.localIss = c.iss;
            }
            what.accept(port);
        }
    }

    /** Time passes, and the engine is polled as often as it is in that time. */
    private static void silence(final TcpHarness h) {
        h.now += 2 * Transfers.SILENCE;
        for (int i = 0; i < CONNECTIONS / 32; i++) {
            h.poll();
        }
    }

    private static TcpConnection first(final TcpHarness h) {
        return (TcpConnection) h.engine.flows.toArray()[0];
    }

    /** Bytes of all reachable objects and arrays of ours, by the JVM's own count; what the script leaves is not ours. */
    private static long used() {
        try {
            final String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return histogram
                    .lines()
                    .map(String::strip)
                    .filter(line -> line.contains("io.millrace."))
                    .mapToLong(IdleConnectionTest::bytes)
                    .sum();
        } catch (final JMException e) {
            throw new AssertionError(e);
        }
    }

    /** The third column. */
    private static long bytes(final String line) {
        final StringTokenizer columns = new StringTokenizer(line);
        columns.nextToken();
        columns.nextToken();
        return Long.parseLong(columns.nextToken());
    }
}
