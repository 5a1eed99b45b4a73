package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.storage.ByteQueue;
import io.millrace.stack.storage.ChunkPool;
import io.millrace.testkit.Frames;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that share the memory for buffers of a shard, when it is short. */
class TcpMemoryTest {
    private static final int CHUNK = 1024;
    private static final int CHUNKS = 128;

    private final List<Integer> numbers = new ArrayList<>();
    private final List<TcpSocket<?>> sockets = new ArrayList<>();

    private static TcpHarness listening() {
        final TcpHarness h = new TcpHarness(
                TcpHarness.plain().sack(true).bufferMemory(CHUNKS * CHUNK).build());
        h.listen(CHUNKS);
        return h;
    }

    /** One more connection; it is the one at hand. */
    private void open(final TcpHarness h) {
        h.ports(TcpHarness.LOCAL.port(), 1000 + numbers.size());
        h.localIssKnown = false;
        h.send(Seg.syn(0).mss(1460).sackOk(true));
        h.takeSent();
        h.send(Seg.ack(1, 1));
        numbers.add(h.localIss);
        sockets.add(h.socket());
    }

    private void turnTo(final TcpHarness h, final int number) {
        h.ports(TcpHarness.LOCAL.port(), 1000 + number);
        h.localIss = numbers.get(number);
        h.socket = sockets.get(number);
    }

    /** Peers that send a byte of each chunk but the first, until there is no more memory. */
    private int occupy(final TcpHarness h) {
        final ChunkPool chunks = h.engine.chunks();
        int connections = 0;
        while (!chunks.scarce()) {
            open(h);
            connections++;
            for (int i = 1; i < 8 && !chunks.scarce(); i++) {
                h.deliver(Seg.data(1 + i * CHUNK, 1, "x"));
            }
        }
        return connections;
    }

    /** Who holds all memory but the reserve, for good. */
    private static ByteQueue hog(final TcpHarness h) {
        final ByteQueue hog = new ByteQueue(h.engine.chunks());
        final MemorySegment bytes = Frames.ofBytes(new byte[CHUNK]);
        while (!h.engine.chunks().scarce()) {
            hog.append(bytes, 0, CHUNK);
        }
        return hog;
    }

    @Test
    void shouldGiveUpWhatCameAheadOfGapsWhenMemoryIsShort() {
        try (TcpHarness h = listening()) {
            open(h);
            final int others = occupy(h);
            turnTo(h, 0);
            assertEquals(CHUNK, h.queue("x".repeat(8192)));
            h.poll();
            h.events.clear();
            h.advance(Transfers.PATIENCE / 2);
            assertEquals(0, h.counters.get(StackCounter.TCP_REASSEMBLY_GIVEN_UP), "a loss may be repaired soon");
            h.advance(Transfers.PATIENCE);
            assertFalse(h.engine.chunks().pressed());
            assertEquals(List.of("writable"), h.events);
            assertEquals(8192 - CHUNK, h.queue("x".repeat(8192)));
            final long gaveUp = h.counters.get(StackCounter.TCP_REASSEMBLY_GIVEN_UP);
            assertTrue(gaveUp > 0 && gaveUp < others, "no more of them than it takes: " + gaveUp);
        }
    }

    @Test
    void shouldTakeAgainWhatItHadGivenUp() {
        try (TcpHarness h = listening()) {
            open(h);
            h.send(Seg.data(2001, 1, "x".repeat(1000)));
            h.takeSent();
            final ByteQueue hog = hog(h);
            h.advance(2 * Transfers.PATIENCE);
            assertEquals(1, h.counters.get(StackCounter.TCP_REASSEMBLY_GIVEN_UP));
            hog.clear();
            h.send(Seg.data(1, 1, "y".repeat(2000)));
            h.expect(Seg.ack(1, 2001).sack());
            h.send(Seg.data(2001, 1, "z".repeat(1000)));
            h.advance(100_000);
            h.expect(Seg.ack(1, 3001).sack());
            assertEquals("y".repeat(2000) + "z".repeat(1000), h.read());
        }
    }

    @Test
    void shouldSleepWhenNothingCanBeGivenUp() {
        try (TcpHarness h = listening()) {
            open(h);
            h.send(Seg.data(1, 1, "abc"));
            final ByteQueue hog = hog(h);
            h.advance(2 * Transfers.PATIENCE);
            assertEquals(Long.MAX_VALUE, h.engine.pollAt(h.now));
            hog.clear();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendALittleAtATimeWhileOthersHoldTheMemory(final boolean inPlace) {
        try (TcpHarness h = listening()) {
            open(h);
            final ByteQueue hog = hog(h);
            int sent = 0;
            for (int i = 0; i < 20; i++) {
                final int taken = inPlace ? Math.min(100, h.socket().writeSpan()) : h.queue("x".repeat(5000));
                if (inPlace) {
                    h.socket().commit(taken);
                }
                assertTrue(taken > 0 && taken <= CHUNK, "took " + taken);
                assertEquals(0, h.queue("y".repeat(CHUNK)) / CHUNK);
                sent += h.socket().unacknowledged();
                h.poll();
                h.takeSent();
                h.events.clear();
                h.send(Seg.ack(1, 1 + sent));
                assertEquals(List.of("writable"), h.events);
            }
            hog.clear();
        }
    }

    @Test
    void shouldLeaveMemoryToThoseThatReceiveWhenSendersHoldTheRest() {
        try (TcpHarness h = listening()) {
            for (int i = 0; i < 10; i++) {
                open(h);
            }
            final ByteQueue hog = hog(h);
            int senders = 0;
            for (int i = 0; i < 10; i++) {
                turnTo(h, i);
                senders += h.queue("x".repeat(5000)) > 0 ? 1 : 0;
            }
            assertEquals(2, senders, "a quarter of the reserve");
            assertEquals(6, h.engine.chunks().available());
            assertEquals(0, h.socket().writeSpan());
            h.send(Seg.data(1, 1, "x".repeat(CHUNK)));
            assertEquals(CHUNK, h.socket().readable());
            assertFalse(h.engine.chunks().exhausted(), "there is a window for whoever reads");
            hog.clear();
        }
    }

    @Test
    void shouldRestWhenThereWasNoMemoryForWhatCameAndWasToBeSent() {
        try (TcpHarness h = listening()) {
            open(h);
            final ByteQueue hog = hog(h);
            final int left = h.engine.chunks().available();
            hog.write(hog.tail(), Frames.ofBytes(new byte[left * CHUNK]), 0, left * CHUNK, true);
            assertEquals(0, h.queue("abc"));
            h.send(Seg.data(1, 1, "def"));
            h.send(Seg.data(11, 1, "ghi"));
            assertEquals(2, h.counters.get(StackCounter.TCP_NO_MEMORY));
            h.advance(2 * Transfers.SILENCE);
            h.poll();
            assertEquals(0, h.engine.transfers.held());
            hog.clear();
        }
    }

    /** Those that send a little already must not be the only ones that ever do. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCallWhoCouldSendNothingWhenOthersGiveBackWhatWasLent(final boolean reads) {
        try (TcpHarness h = listening()) {
            for (int i = 0; i < 3; i++) {
                open(h);
            }
            if (reads) {
                h.send(Seg.data(1, 1, "x".repeat(1460)));
                h.send(Seg.data(1461, 1, "x".repeat(1460)));
            }
            final ByteQueue hog = hog(h);
            if (reads) {
                hog.write(hog.tail(), Frames.ofBytes(new byte[3 * CHUNK]), 0, 3 * CHUNK, true);
                h.read();
                assertEquals(1, h.engine.events.awaitingMemory(), "to open its window");
            }
            turnTo(h, 0);
            assertEquals(CHUNK, h.queue("x".repeat(CHUNK)));
            turnTo(h, 1);
            assertEquals(CHUNK, h.queue("x".repeat(CHUNK)));
            turnTo(h, 2);
            assertEquals(0, h.queue("x".repeat(CHUNK)));
            h.poll();
            h.events.clear();
            turnTo(h, 0);
            h.send(Seg.ack(1, 1 + CHUNK));
            assertEquals(List.of("writable"), h.events);
            turnTo(h, 2);
            assertEquals(CHUNK, h.queue("x".repeat(CHUNK)));
            hog.clear();
        }
    }

    @Test
    void shouldForgetConnectionsThatEndedWhileTheyWaitedForMemory() {
        try (TcpHarness h = listening()) {
            open(h);
            final ByteQueue hog = hog(h);
            h.queue("x".repeat(5000));
            for (int i = 0; i < 1000; i++) {
                open(h);
                h.queue("x".repeat(5000));
                h.socket().abort();
                h.poll();
            }
            final int waiting = h.engine.events.awaitingMemory();
            assertTrue(waiting < 100, waiting + " wait");
            turnTo(h, 0);
            h.events.clear();
            hog.clear();
            h.poll();
            assertEquals(List.of("writable"), h.events);
        }
    }
}
