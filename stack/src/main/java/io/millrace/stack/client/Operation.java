package io.millrace.stack.client;

import io.millrace.stack.socket.ReceivedPacket;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, with a place for payload. Made once and used again and again; it belongs to the thread that
 * {@linkplain Requests#acquire() acquired} it, and between {@link #begin} and {@link #finish} to the shard.
 */
final class Operation {
    // What is asked; message types of the ring, so greater than 0.
    static final int CALL = 1;
    static final int BIND = 2;
    static final int CONNECT = 3;
    static final int FINISH_CONNECT = 12;
    static final int LISTEN = 4;
    static final int ACCEPT = 5;
    static final int SEND = 6;
    static final int RECEIVE = 7;
    static final int SHUTDOWN = 8;
    static final int TAKE_ERROR = 9;
    static final int CLOSE = 10;
    static final int ABORT = 11;

    private static final int PENDING = Integer.MIN_VALUE;

    /** Its number among all. */
    final int index;

    final MemorySegment memory;
    /** Where its place is within {@link #memory}. */
    final long offset;
    /** The place as a buffer. */
    final ByteBuffer buffer;

    @Nullable
    ShardSocket target;

    @Nullable
    Object argument;

    int length;
    int flags;

    // An address and a port, of a datagram's peer both ways.
    int family;
    long hi;
    long lo;
    int port;

    // What else is told of a packet that was received.
    int wholeLength;
    /** Bytes of each datagram, if several were joined. */
    int segmentLength;

    long destinationHi;
    long destinationLo;
    int hopLimit;
    int trafficClass;
    int flowLabel;
    int interfaceIndex;
    long timestamp;

    @Nullable
    Object answer;

    @Nullable
    RuntimeException failure;

    private final AtomicInteger result = new AtomicInteger();
    private @Nullable Thread waiter;

    Operation(final int index, final MemorySegment memory, final long offset, final int length) {
        this.index = index;
        this.memory = memory;
        this.offset = offset;
        this.buffer = memory.asSlice(offset, length).asByteBuffer();
    }

    /** Right before the request is handed to the shard. */
    void begin() {
        answer = null;
        failure = null;
        waiter = Thread.currentThread();
        result.set(PENDING);
    }

    /** Stores the answer and wakes the thread that waits for it; only the first call counts. */
    void finish(final int value) {
        if (result.get() != PENDING) {
            return;
        }
        final Thread thread = waiter; // of whoever set PENDING; at worst somebody is woken for nothing
        if (result.compareAndSet(PENDING, value)) {
            LockSupport.unpark(thread);
        }
    }

    /** Waits for the answer, which comes within a turn of the shard: an interrupt is kept for later. */
    int await() {
        boolean interrupted = false;
        int value = result.get();
        while (value == PENDING) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
            value = result.get();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return value;
    }

    /** Answers a request to receive: copies a packet, as much as there is room for, and what is told of it. */
    int received(final ReceivedPacket packet, final int sourcePort) {
        describe(packet, sourcePort);
        return packet.copyTo(memory, offset, length);
    }

    /** Takes down what is told of a packet. */
    void describe(final ReceivedPacket packet, final int sourcePort) {
        family = packet.family();
        hi = packet.sourceHi();
        lo = packet.sourceLo();
        port = sourcePort;
        wholeLength = packet.length();
        segmentLength = packet.length();
        destinationHi = packet.destinationHi();
        destinationLo = packet.destinationLo();
        hopLimit = packet.hopLimit();
        trafficClass = packet.trafficClass();
        flowLabel = packet.flowLabel();
        interfaceIndex = packet.interfaceIndex();
        timestamp = packet.timestamp();
    }

    /** Forgets what it was about. */
    void clear() {
        target = null;
        argument = null;
        answer = null;
        failure = null;
    }
}
