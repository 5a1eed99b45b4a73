package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A listener without a handler, whose connections wait until they are accepted. */
class TcpAcceptQueueTest {
    private final List<String> events = new ArrayList<>();
    private final TcpHandler handler = new TcpHandler() {
        @Override
        public void onReadable(final TcpSocket<?> socket) {
            events.add("readable " + socket.readable());
        }

        @Override
        public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
            events.add(why + " " + socket.readable());
        }
    };

    private static TcpListener<?> listen(final TcpHarness h, final int backlog) {
        return h.engine.listen(TcpHarness.LOCAL, backlog, false, null);
    }

    private static void open(final TcpHarness h) {
        h.deliver(Seg.syn(0).mss(1460));
        h.expect(Seg.synAck(0, 1));
        h.deliver(Seg.ack(1, 1));
        h.poll();
    }

    @Test
    void shouldKeepAConnectionWhenNobodyAccepts() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = listen(h, 1);
            final int[] signals = new int[1];
            listener.onWaiting(() -> signals[0]++);
            assertNull(listener.accept(handler));
            open(h);
            h.send(Seg.data(1, 1, "abc"));
            assertEquals(1, signals[0]);
            assertEquals(1, listener.waiting());
            assertEquals(0, listener.accepted());
            final TcpSocket<?> socket = listener.accept(handler);
            assertNotNull(socket);
            assertEquals(List.of(), events);
            h.poll();
            assertEquals(List.of("readable 3"), events);
            assertEquals(1, listener.accepted());
            assertEquals(0, listener.waiting());
            assertNull(listener.accept(handler));
        }
    }

    @Test
    void shouldStillHandOutAConnectionWhenItWasResetMeanwhile() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = listen(h, 1);
            open(h);
            h.send(Seg.data(1, 1, "abc"));
            h.deliver(Seg.rst(4));
            h.poll();
            assertEquals(1, listener.waiting());
            assertEquals(0, h.engine.connections());
            assertNotNull(listener.accept(handler));
            h.poll();
            assertEquals(List.of("readable 3", "RESET 3"), events);
        }
    }

    @Test
    void shouldResetWhatWaitsWhenTheListenerIsClosed() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = listen(h, 4);
            open(h);
            h.takeSent();
            listener.close();
            h.poll();
            assertEquals(1, h.takeSent().size());
            assertEquals(0, h.engine.connections());
            assertEquals(0, listener.waiting());
            assertEquals(h.engine.chunks().capacity(), h.engine.chunks().available());
            assertEquals(List.of(), events);
        }
    }

    @Test
    void shouldFreeWhatWaitsWhenTheStackIsClosed() {
        final TcpHarness h = new TcpHarness(TcpHarness.plain().build());
        final TcpListener<?> listener = listen(h, 4);
        open(h);
        h.send(Seg.data(1, 1, "abc"));
        h.takeSent();
        h.engine.close();
        assertEquals(0, listener.waiting());
        assertEquals(List.of(), events);
        h.close();
    }

    @Test
    void shouldRefuseABacklogBelowOne() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = listen(h, 1);
            listener.backlog(5);
            assertEquals(5, listener.backlog());
            assertThrows(IllegalArgumentException.class, () -> listener.backlog(0));
        }
    }
}
