package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.StageQueue;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What applications have to be told. Events are noted while segments are processed and delivered between them, so that a
 * handler may do whatever it likes to any connection.
 */
final class EventQueue {
    // In the order of delivery.
    static final byte CONNECTED = 1;
    static final byte READABLE = 2;
    static final byte WRITABLE = 4;
    static final byte DELIVERED = 8;
    static final byte FINISHED = 16;
    /** Delivered before {@link #READABLE}. */
    static final byte URGENT = 32;

    /** Bits of {@link TcpConnection#starved}: where it waits. */
    private static final byte STARVED = 1;

    private static final byte HUNGRY = 2;

    /** Connections that ended while they waited for memory, and are remembered, beside as many as there are others. */
    private static final int DEAD = 64;

    private final TcpEngine engine;
    private final Consumer<Throwable> failures;
    private final ArrayDeque<TcpConnection> events = new ArrayDeque<>();
    /** Waiting for memory. */
    private final ArrayDeque<TcpConnection> starved = new ArrayDeque<>();
    /** Those of which nothing is queued, so that the pool lends them some. */
    private final ArrayDeque<TcpConnection> hungry = new ArrayDeque<>();

    private final StageQueue.Teller teller = this::tellOfStage;

    EventQueue(final TcpEngine engine, final Consumer<Throwable> failures) {
        this.engine = engine;
        this.failures = failures;
    }

    /** Notes an event. */
    void add(final TcpConnection c, final byte event) {
        if (c.events == 0) {
            events.add(c);
        }
        c.events |= event;
    }

    /** Notes that there is more to read, if that is enough for the application. */
    void addReadable(final TcpConnection c) {
        if (c.readDue()) {
            add(c, READABLE);
        }
    }

    /** Notes that there is room, if the application waits for it and there is enough. */
    void addWritable(final TcpConnection c) {
        if (c.writeDue()) {
            c.wantsWrite = false;
            add(c, WRITABLE);
        }
    }

    /** Notes that the pool of chunks ran out while an application wrote. */
    void addStarved(final TcpConnection c) {
        engine.counters.increment(StackCounter.TCP_SEND_STARVED);
        if (c.queued() == 0) {
            await(c, hungry, HUNGRY);
        } else {
            awaitMemory(c);
        }
    }

    /** Notes what is to go on when there is memory again: writing, or telling the peer of a larger window. */
    void awaitMemory(final TcpConnection c) {
        await(c, starved, STARVED);
    }

    private void await(final TcpConnection c, final ArrayDeque<TcpConnection> queue, final byte bit) {
        if ((c.starved & bit) == 0) {
            if (queue.size() >= 2 * engine.connections() + DEAD) {
                queue.removeIf(EventQueue::isOver);
            }
            c.starved |= bit;
            queue.add(c);
        }
    }

    private static boolean isOver(final TcpConnection c) {
        return c.reason != null;
    }

    /** Connections that wait for memory. */
    int awaitingMemory() {
        return starved.size() + hungry.size();
    }

    /** Whether there is something to deliver now. */
    boolean due() {
        return !events.isEmpty()
                || !engine.stages.isEmpty()
                || (!starved.isEmpty() && !engine.chunks.scarce())
                || (!hungry.isEmpty() && engine.chunks.lends());
    }

    /**
     * Delivers what was noted until now; what is noted meanwhile waits for the next call.
     *
     * @return number of connections told of, and of times
     */
    int dispatch() {
        final int stages = engine.stages.isEmpty() ? 0 : engine.stages.tell(teller);
        if (!hungry.isEmpty() && engine.chunks.lends()) {
            feedHungry();
        }
        if (!starved.isEmpty() && !engine.chunks.scarce()) {
            feedStarved();
        }
        final int count = events.size();
        for (int i = 0; i < count; i++) {
            final TcpConnection c = events.poll();
            if (c != null) {
                deliver(c);
            }
        }
        return stages + count;
    }

    private void tellOfStage(final Object target, final int kind, final long position, final long micros) {
        final TcpConnection c = (TcpConnection) target;
        try {
            TcpTimes.tell(c, kind, position, micros);
        } catch (final RuntimeException e) {
            failures.accept(e);
            engine.closing.abort(c);
        }
    }

    private void feedHungry() {
        // As many as are sure to find some; there may be one that has no use for it.
        final int most = engine.chunks.scarce() ? 1 : hungry.size();
        for (int i = 0; i < most; i++) {
            final TcpConnection c = hungry.poll();
            if (c == null) {
                return;
            }
            c.starved = (byte) (c.starved & ~HUNGRY);
            callToWrite(c);
        }
    }

    private void feedStarved() {
        for (int i = starved.size(); i > 0; i--) {
            final TcpConnection c = starved.poll();
            if (c == null) {
                return;
            }
            c.starved = (byte) (c.starved & ~STARVED);
            callToWrite(c);
            if (c.state.canReceive()) {
                ReceiveWindow.tell(c);
            }
        }
    }

    private void callToWrite(final TcpConnection c) {
        if (c.wantsWrite && c.state.canQueue()) {
            c.wantsWrite = false;
            add(c, WRITABLE);
        }
    }

    private void deliver(final TcpConnection c) {
        final int pending = c.events;
        c.events = 0;
        final TcpListener<?> listener = c.listener;
        if (listener != null) {
            if (listener.keeps(c, pending)) {
                c.rest();
                return;
            }
            c.listener = null;
            listener.pending--;
            if ((pending & FINISHED) != 0 && (c.unread() == 0 || !listener.isOpen())) {
                discard(c);
                return; // gone before the application ever knew of it
            }
            listener.accepted++;
        }
        final TcpSocket<?> socket = c.socket();
        try {
            tell(c, socket, pending);
        } catch (final RuntimeException e) {
            failures.accept(e);
            engine.closing.abort(c); // an application that lost its way must not keep the peer waiting
        }
        if ((pending & FINISHED) != 0) {
            c.state = TcpState.CLOSED;
            TcpTimes.end(c);
            try {
                socket.handler().onClosed(socket, orAborted(c.reason));
            } catch (final RuntimeException e) {
                failures.accept(e);
            }
            discard(c);
        }
    }

    /** Forgets what nobody will read. */
    private static void discard(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        if (transfer != null) {
            transfer.receive.clear();
            transfer.urgent = null;
            c.rest();
        }
    }

    private static void tell(final TcpConnection c, final TcpSocket<?> socket, final int pending) {
        if ((pending & CONNECTED) != 0) {
            socket.handler().onConnected(socket);
        }
        // What the application has just ended has nothing to tell any more but that.
        if ((pending & URGENT) != 0 && (c.events & FINISHED) == 0 && socket.urgentLeft() > 0) {
            socket.handler().onUrgent(socket);
        }
        if ((pending & READABLE) != 0 && (c.events & FINISHED) == 0 && (c.unread() > 0 || c.peerFinReceived)) {
            socket.handler().onReadable(socket);
        }
        if ((pending & WRITABLE) != 0) {
            if (c.writable() > 0) {
                socket.handler().onWritable(socket);
            } else {
                c.wantsWrite = c.state.canQueue(); // another event of this round filled it: it still waits
            }
        }
        if ((pending & DELIVERED) != 0 && (c.events & FINISHED) == 0) {
            socket.handler().onDelivered(socket);
        }
    }

    private static CloseReason orAborted(final @Nullable CloseReason reason) {
        return reason == null ? CloseReason.ABORTED : reason;
    }
}
