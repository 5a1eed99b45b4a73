package io.millrace.stack.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the sockets of application threads have in common. They block unless told otherwise: a call that cannot be
 * served at once parks its thread, virtual or not. An interrupt ends the waiting with an {@link
 * InterruptedIOException}, whose {@code bytesTransferred} tells what the call had moved by then; the socket stays open.
 *
 * <p>Thread-safe: calls of several threads are served one after the other. Two threads that read the same stream each get
 * parts of it.
 *
 * @param <S> the shard's end
 */
abstract sealed class ClientSocket<S extends ShardSocket> implements Channel
        permits TcpChannel, TcpServerChannel, PacketChannel {
    final S end;
    final Requests requests;
    private volatile boolean blocking = true;
    private final AtomicBoolean open = new AtomicBoolean(true);
    private volatile long receiveNanos = Readiness.FOREVER;
    private volatile long sendNanos = Readiness.FOREVER;

    ClientSocket(final Requests requests, final S end) {
        this.requests = requests;
        this.end = end;
    }

    /** What can be done without waiting. */
    public final Readiness readiness() {
        return end.readiness;
    }

    /** Whether calls wait until they can be served. Those of {@link ClientService#direct()} never do. */
    public final boolean isBlocking() {
        return blocking && !requests.isDirect();
    }

    /** Sets {@link #isBlocking()}. */
    public final void configureBlocking(final boolean block) {
        blocking = block;
    }

    /**
     * Sets how long reading and accepting wait at most, then to throw a {@link SocketTimeoutException}; null, unless
     * set, for ever.
     */
    public final void receiveTimeout(final @Nullable Duration timeout) {
        receiveNanos = nanos(timeout);
    }

    /** Sets how long writing and connecting wait at most; as {@link #receiveTimeout}. */
    public final void sendTimeout(final @Nullable Duration timeout) {
        sendNanos = nanos(timeout);
    }

    /** Takes what went wrong since the last call: SO_ERROR. Null for nothing. */
    public final @Nullable SocketError takeError() throws IOException {
        final int number = request(Operation.TAKE_ERROR, 0, null);
        return number == 0 ? null : SocketError.of(-number);
    }

    @Override
    public final boolean isOpen() {
        return open.get();
    }

    /** Closes the socket as {@code close(2)} does: threads that wait for it fail, what was written is still sent. */
    @Override
    public final void close() {
        end(Operation.CLOSE);
    }

    /** Does not wait; harmless when called again. */
    final void end(final int kind) {
        end(kind, null);
    }

    /** The same; returns whether this call ended it, rather than an earlier one or the end of the stack. */
    final boolean end(final int kind, final @Nullable Object argument) {
        if (!open.compareAndSet(true, false)) {
            return false;
        }
        final Operation operation = requests.acquire();
        try {
            operation.argument = argument;
            return requests.run(operation, end, kind) >= 0;
        } finally {
            requests.release(operation);
        }
    }

    /** A request without payload. */
    final int request(final int kind, final int flags, final @Nullable Object argument) throws IOException {
        final Operation operation = requests.acquire();
        try {
            operation.flags = flags;
            operation.argument = argument;
            return checked(requests.run(operation, end, kind));
        } finally {
            requests.release(operation);
        }
    }

    /** Has the shard's thread run something on the shard's end. */
    final <T> @Nullable T call(final Function<? super S, ? extends @Nullable T> call) throws IOException {
        final Operation operation = requests.acquire();
        try {
            operation.argument = call;
            checked(requests.run(operation, end, Operation.CALL));
            @SuppressWarnings("unchecked") // it is what the call returned
            final T answer = (T) operation.answer;
            return answer;
        } finally {
            requests.release(operation);
        }
    }

    /** Has the shard's thread change something of the shard's end. */
    final void tell(final Consumer<? super S> change) throws IOException {
        call(shard -> {
            change.accept(shard);
            return null;
        });
    }

    /** A result that is no error. */
    final int checked(final int result) throws IOException {
        if (result >= 0) {
            return result;
        }
        if (!open.get()) {
            throw new ClosedChannelException();
        }
        throw new SocketErrorException(SocketError.of(result));
    }

    /** When a call that begins now has waited long enough to receive: however often it waits, as on Linux. */
    final long receiveDeadline() {
        return Readiness.deadline(receiveNanos);
    }

    /** As {@link #receiveDeadline}. */
    final long sendDeadline() {
        return Readiness.deadline(sendNanos);
    }

    /**
     * Waits before a call that is to be served at once.
     *
     * @param deadline {@link #receiveDeadline} of the beginning of the call
     * @param transferred bytes that the call has moved so far
     */
    final void awaitReceive(final long deadline, final int transferred) throws IOException {
        await(Readiness.READABLE, deadline, transferred);
    }

    /** As {@link #awaitReceive}. */
    final void awaitSend(final long deadline, final int transferred) throws IOException {
        await(Readiness.WRITABLE, deadline, transferred);
    }

    private void await(final int wanted, final long deadline, final int transferred) throws IOException {
        if (requests.isDirect()) {
            throw new IllegalStateException("the thread that polls the stack cannot wait for it");
        }
        await(() -> readiness().await(wanted, deadline), transferred);
    }

    /**
     * Waits until something else came than what had by then, or nothing will.
     *
     * @param arrivals {@link Readiness#arrivals} by then
     */
    final void awaitArrival(final int arrivals, final long deadline, final int transferred) throws IOException {
        await(() -> readiness().awaitArrival(arrivals, deadline), transferred);
    }

    private void await(final Wait wait, final int transferred) throws IOException {
        try {
            if (!wait.isOver()) {
                throw ended(new SocketTimeoutException("not ready in time"), transferred);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            final InterruptedIOException interrupted = new InterruptedIOException("interrupted while it waited");
            interrupted.initCause(e);
            throw ended(interrupted, transferred);
        }
        if (!open.get()) {
            throw new ClosedChannelException();
        }
    }

    private interface Wait {
        /** Waits; returns false if that took too long. */
        boolean isOver() throws InterruptedException;
    }

    private static InterruptedIOException ended(final InterruptedIOException why, final int transferred) {
        why.bytesTransferred = transferred;
        return why;
    }

    private static long nanos(final @Nullable Duration timeout) {
        if (timeout == null) {
            return Readiness.FOREVER;
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("a timeout of " + timeout + "; it is more than 0, or null for none");
        }
        return timeout.toSeconds() >= Long.MAX_VALUE / 1_000_000_000 ? Readiness.FOREVER : timeout.toNanos();
    }
}
