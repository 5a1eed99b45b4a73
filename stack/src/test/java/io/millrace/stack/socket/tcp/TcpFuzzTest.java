package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random and mutated segments into connections in every state. Nothing may be thrown, nothing may leak, time spent must
 * stay bounded, and the connection's own numbers must stay in order. A failure prints the seed of its round.
 */
class TcpFuzzTest {
    private static final int ROUNDS = 600;
    private static final int SEGMENTS = 200;

    private final TcpConfig config = TcpHarness.plain()
            .timestamps(true)
            .sack(true)
            .windowScaling(true)
            .reassemblyRanges(8)
            .resetsPerSecond(1_000_000)
            .ecn(EcnMode.REQUEST_ACCURATE)
            .bufferMemory(64 * 1024)
            .build();

    @Test
    void shouldSurviveAnySegmentInAnyState() {
        for (int round = 0; round < ROUNDS; round++) {
            final SplittableRandom random = new SplittableRandom(round);
            try (TcpHarness h = new TcpHarness(config)) {
                fuzz(h, random);
            } catch (final Throwable e) {
                throw new AssertionError("seed " + round, e);
            }
        }
    }

    private void fuzz(final TcpHarness h, final SplittableRandom random) {
        h.then = new RandomApplication(random);
        final boolean active = random.nextInt(3) == 0;
        if (active) {
            h.connect();
        } else {
            h.listen(2);
        }
        h.poll();
        if (random.nextBoolean()) {
            open(h, active, random);
        }
        for (int i = 0; i < SEGMENTS; i++) {
            switch (random.nextInt(12)) {
                case 0 -> h.advance(random.nextLong(1L << random.nextInt(1, 26)));
                case 1 -> application(h, random);
                case 2 -> {
                    h.deliverRaw(garbage(h, random));
                    h.poll();
                }
                default -> {
                    h.deliver(plausible(h, random));
                    if (random.nextBoolean()) {
                        h.poll();
                    }
                }
            }
            check(h);
            assertTrue(h.takeSent().size() < 400, "answers without end");
        }
        assertEquals(0, h.failures.size(), () -> "thrown: " + h.failures);
    }

    private static void open(final TcpHarness h, final boolean active, final SplittableRandom random) {
        final Supplier<Boolean> coin = random::nextBoolean;
        final Seg first = active ? Seg.synAck(0, 1) : Seg.syn(0);
        first.mss(1 + random.nextInt(1460)).win(random.nextInt(65536));
        if (coin.get()) {
            first.ts(100, 0);
        }
        if (coin.get()) {
            first.ws(random.nextInt(15));
        }
        first.sackOk(coin.get()).flags(random.nextInt(8) << 6);
        h.send(first);
        final Seg ack = Seg.ack(1, 1).win(random.nextInt(65536)).ace(random.nextInt(8));
        h.send(Boolean.TRUE.equals(first.timestamps) ? ack.ts(100, 0) : ack);
        h.takeSent();
    }

    /** A segment near what the connection expects, with some parts wrong. */
    private static Seg plausible(final TcpHarness h, final SplittableRandom random) {
        int seq = random.nextInt(-3, 4);
        int ack = 1;
        final TcpSocket<?> socket = h.socket;
        final TcpConnection c = socket == null ? null : first(h);
        if (c != null) {
            seq = c.rcvNxt - h.remoteIss;
            ack = c.una - h.localIss + random.nextInt(Math.max(1, c.inFlight() + 1));
            if (random.nextInt(4) == 0) {
                seq += random.nextInt(-3000, 12_000);
            }
            if (random.nextInt(6) == 0) {
                ack += random.nextInt(-5000, 5000);
            }
        }
        final int flags = switch (random.nextInt(10)) {
            case 0 -> random.nextInt(TcpView.FLAGS + 1);
            case 1 -> TcpView.FIN | TcpView.ACK;
            case 2 -> random.nextInt(20) == 0 ? TcpView.RST : TcpView.SYN;
            default -> TcpView.ACK;
        };
        final Seg segment = Seg.of(flags | random.nextInt(8) << 6, seq)
                .ecn(random.nextInt(4))
                .win(random.nextInt(8) == 0 ? 0 : random.nextInt(65536));
        if (random.nextInt(3) == 0) {
            final int[] counts = random.ints(random.nextInt(4), 0, 1 << 24).toArray();
            segment.e0(counts);
        }
        segment.ack = ack;
        if (random.nextBoolean()) {
            segment.len(random.nextInt(1460));
        }
        if (c != null && c.timestamps) {
            segment.ts(c.tsRecent + random.nextInt(-1, 3), random.nextInt());
        }
        if (random.nextInt(5) == 0) {
            segment.sack(ack + random.nextInt(-2000, 2000), ack + random.nextInt(-2000, 2000));
        }
        if (random.nextInt(20) == 0) {
            segment.mss(random.nextInt(65536)).ws(random.nextInt(256));
        }
        return segment;
    }

    private static @Nullable TcpConnection first(final TcpHarness h) {
        for (final var entry : h.engine.flows.toArray()) {
            if (entry instanceof TcpConnection c) {
                return c;
            }
        }
        return null;
    }

    private static int garbage(final TcpHarness h, final SplittableRandom random) {
        final int length = random.nextInt(80);
        for (int i = 4; i < length; i++) {
            h.wire().set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        return length;
    }

    private static void application(final TcpHarness h, final SplittableRandom random) {
        final TcpSocket<?> socket = h.socket;
        if (socket != null) {
            new RandomApplication(random).act(socket);
            h.poll();
        }
    }

    private static void check(final TcpHarness h) {
        final TcpConnection c = first(h);
        if (c != null) {
            assertTrue(c.nxt - c.una >= 0 && c.max - c.nxt >= 0, "una, nxt, max out of order");
            assertTrue(c.receiveWindow() >= 0, "window taken back");
            assertTrue(c.unread() <= 8192 + 1, "more received than offered");
            assertTrue(c.window >= 0);
            final Transfer transfer = c.transferOrNull();
            assertTrue(transfer == null || transfer.ahead == null || transfer.ahead.count() <= 8);
        }
        assertTrue(h.engine.flows.size() <= 4);
    }

    /** Reads, writes, closes and aborts at random, also within calls. */
    private record RandomApplication(SplittableRandom random) implements TcpHandler {
        @Override
        public void onConnected(final TcpSocket<?> socket) {
            act(socket);
        }

        @Override
        public void onReadable(final TcpSocket<?> socket) {
            act(socket);
        }

        @Override
        public void onWritable(final TcpSocket<?> socket) {
            act(socket);
        }

        @Override
        public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
            act(socket);
        }

        void act(final TcpSocket<?> socket) {
            switch (random.nextInt(40)) {
                case 0 -> socket.close();
                case 1 -> {
                    if (random.nextInt(4) == 0) {
                        socket.abort();
                    }
                }
                case 2, 3, 4, 5, 6, 7, 8, 9 -> {
                    final int span = socket.writeSpan();
                    socket.commit(span == 0 ? 0 : random.nextInt(span + 1));
                }
                case 10 -> socket.options().noDelay(random.nextBoolean());
                default -> socket.consume(random.nextInt(socket.readable() + 1));
            }
        }
    }
}
