package io.millrace.stack.client;

import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection of application threads, in the manner of {@code java.nio.channels.SocketChannel}, or by
 * {@link #inputStream()} and {@link #outputStream()}. {@link StackClient#connect} and {@link TcpServerChannel#accept}
 * give connected ones, {@link StackClient#openTcp()} one that is not yet.
 *
 * <p>Thread-safe.
 *
 * @param <A> family of its addresses
 */
public final class TcpChannel<A extends IpAddress> extends ClientSocket<ShardTcp>
        implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {
    /** For {@link #receive}: what is read stays unread. MSG_PEEK. */
    public static final int PEEK = 0x2;

    /** For {@link #receive} and {@link #send}: do not wait, whatever {@link #isBlocking()} says. MSG_DONTWAIT. */
    public static final int DONT_WAIT = 0x40;

    /**
     * For {@link #receive}: wait until all bytes asked for are there, or nothing more comes. With {@link #PEEK} no more than
     * one request carries, see {@link ClientConfig}, and for ever if the receive buffer does not hold as much. MSG_WAITALL.
     */
    public static final int WAIT_ALL = 0x100;

    /**
     * For {@link #send}: more follows soon, see {@link TcpSocket#send(java.lang.foreign.MemorySegment, long, int,
     * boolean)}. MSG_MORE.
     */
    public static final int MORE = 0x8000;

    /** For {@link #send}: what is sent is urgent up to its last byte, see {@link TcpSocket#markUrgent()}. MSG_OOB. */
    public static final int URGENT = 0x1;

    /** For {@link #send}: a record ends with the last byte, see {@link TcpSocket#endRecord()}. MSG_EOR. */
    public static final int END_RECORD = 0x80;

    /** For {@link #send}: queue it, though the connection is not established yet, as much as fits. */
    public static final int EARLY = 0x2000_0000;

    /** For {@link #send}: a notice tells when the packet with the last byte was made, {@link #takeSendNotice()}. */
    public static final int STAMP_SCHEDULED = 0x0100_0000;

    /** For {@link #send}: a notice tells when the port took the packet with the last byte. */
    public static final int STAMP_SENT = 0x0200_0000;

    /** For {@link #send}: a notice tells when the peer acknowledged the last byte. */
    public static final int STAMP_ACKNOWLEDGED = 0x0400_0000;

    /**
     * For {@link #send}: the call gets the next number, from 0 on, and a notice tells when the peer acknowledged all its
     * bytes. Numbers go on over connections of the channel. MSG_ZEROCOPY, as to what is told: bytes are copied.
     */
    public static final int NUMBERED = 0x0800_0000;

    /** For {@link #send}: what the four above ask of the last byte is asked of the last one taken, if not all are. */
    public static final int IF_PARTLY = 0x1000_0000;

    /** Where {@link #STAMP_SCHEDULED} and the next two have the bits of {@link SendStage}. */
    static final int STAGES_SHIFT = 24;

    /**
     * For {@link #receive}: it goes on with what an earlier call received, so that an error is left for the next one and is
     * told as the end, and it does not read across the mark of something urgent. For {@link #send}: more is to be sent that
     * belongs together, so that what is asked of the last byte is not asked of the last one of this call.
     */
    public static final int CONTINUED = 1 << 30;

    /** For {@link #send}: a part is sent already of what one call sends, so that an error is left for the next one. */
    public static final int BEGUN = 0x2;

    static final int SHUT_READ = 1;
    static final int SHUT_WRITE = 2;

    private final StreamReceiver receiver = new StreamReceiver(this);
    private final StreamSender sender = new StreamSender(this);

    TcpChannel(final Requests requests, final ShardTcp end) {
        super(requests, end);
    }

    /**
     * Chooses where connections come from.
     *
     * @param local an address of ours or the unspecified one, and a port or 0 for one of the stack's choice
     * @throws SocketErrorException if another socket has it, it is none of ours, or this one is bound already
     */
    public void bind(final Endpoint<A> local) throws IOException {
        request(Operation.BIND, 0, local);
    }

    /**
     * Whether a channel that is bound to the unspecified address of IPv6 has the same port of IPv4 too, and connects to
     * both; not unless set, and heeded by {@link #bind}. IPV6_V6ONLY switched off.
     */
    public void dualStack(final boolean value) throws IOException {
        tell(shard -> shard.dualStack(value));
    }

    /** Whether {@link #bind} may share a port with others that permit it too: SO_REUSEADDR. Set it before. */
    public void reuseAddress(final boolean value) throws IOException {
        tell(shard -> shard.reuseAddress(value));
    }

    /** Whether {@link #bind} may share a port with whoever permits it too, even if that listens: SO_REUSEPORT. */
    public void reusePort(final boolean value) throws IOException {
        tell(shard -> shard.reusePort(value));
    }

    /**
     * Connects; at once if {@link TcpOptions#fastOpenConnect()} is set and the server known: then what is sent first goes
     * with the SYN (RFC 7413).
     *
     * @return whether it is connected; if not, it does not block and {@link #finishConnect} tells when it is
     * @throws SocketErrorException if it cannot be; another attempt may be made
     * @throws java.net.SocketTimeoutException if the peer does not answer within {@link #sendTimeout}; the attempt goes
     *     on
     */
    public boolean connect(final Endpoint<A> remote) throws IOException {
        final boolean connected = begun(Operation.CONNECT, remote);
        if (connected || !isBlocking()) {
            return connected;
        }
        awaitSend(sendDeadline(), 0);
        return begun(Operation.FINISH_CONNECT, null); // and not anew, if another thread gave the attempt up
    }

    /**
     * What became of an attempt to connect. A SYN that waits for data to take along goes now, without.
     *
     * @return whether it is connected; false as long as that is open and the channel does not block
     * @throws SocketErrorException if it failed, or there was none
     */
    public boolean finishConnect() throws IOException {
        final boolean connected = begun(Operation.FINISH_CONNECT, null);
        if (connected || !isBlocking()) {
            return connected;
        }
        awaitSend(sendDeadline(), 0);
        return begun(Operation.FINISH_CONNECT, null);
    }

    /** Resets the connection, or gives up the attempt; the channel can be connected again. */
    public void disconnect() throws IOException {
        request(Operation.CONNECT, 0, null);
    }

    private boolean begun(final int kind, final @Nullable Endpoint<A> remote) throws IOException {
        final Operation operation = requests.acquire();
        try {
            operation.argument = remote;
            final int result = requests.run(operation, end, kind);
            final boolean going = result == SocketError.EINPROGRESS.result()
                    || (kind == Operation.FINISH_CONNECT && result == SocketError.EALREADY.result());
            return !going && checked(result) == 0;
        } finally {
            requests.release(operation);
        }
    }

    /** Our end; null before it is connected or bound. */
    @SuppressWarnings("unchecked") // it was bound to, or connected from, one of its family
    public @Nullable Endpoint<A> local() throws IOException {
        return (Endpoint<A>) call(ShardTcp::local);
    }

    /** The peer's end; null if it is not connected. */
    @SuppressWarnings("unchecked") // as above
    public @Nullable Endpoint<A> remote() throws IOException {
        return (Endpoint<A>) call(shard -> {
            final TcpSocket<?> socket = shard.socket();
            return socket == null ? null : socket.remote();
        });
    }

    /**
     * Changes options of the connection, at once or right after it is begun; on the shard's thread. If that fails when it is
     * begun, it is not, and {@link #connect} throws what the change threw.
     */
    public void options(final Consumer<? super TcpOptions> change) throws IOException {
        tell(shard -> shard.options(change));
    }

    /**
     * Asks the stack's socket something, on the shard's thread. The socket must not be kept, read, written or closed by
     * the function.
     *
     * @throws IllegalStateException if no connection was begun
     */
    public <T> @Nullable T ask(final Function<? super TcpSocket<?>, ? extends @Nullable T> question)
            throws IOException {
        return call(shard -> {
            final TcpSocket<?> socket = shard.socket();
            if (socket == null) {
                throw new IllegalStateException("not connected");
            }
            return question.apply(socket);
        });
    }

    /**
     * What the connection looks like inside.
     *
     * @throws IllegalStateException if no connection was begun
     */
    public TcpInfo info() throws IOException {
        final TcpInfo info = new TcpInfo();
        ask(socket -> socket.info(info));
        return info;
    }

    /**
     * Bytes up to the last one that the peer calls urgent, see {@link TcpSocket#urgentLeft()}. {@link #receive} reads no
     * farther at once than up to that last byte, and then from it on: 1 is where {@code sockatmark} is true. Told of by
     * {@link Readiness#URGENT}.
     */
    public int urgentLeft() throws IOException {
        final Integer left = call(end -> end.state().urgentLeft());
        return left == null ? 0 : left;
    }

    /**
     * Takes the oldest notice of what was sent, as flags of {@link #send} asked for. Up to 1024 wait, also after the end of
     * the connection; {@link Readiness#ERROR} is set as long as one does, though no other call fails. MSG_ERRQUEUE.
     *
     * @return null if none waits
     */
    public @Nullable SendNotice takeSendNotice() throws IOException {
        return call(shard -> shard.notices().take());
    }

    /** Bytes that can be read now. */
    public int available() throws IOException {
        final Integer count = call(end -> end.state().unread());
        return count == null ? 0 : count;
    }

    /**
     * Receives into what remains of a buffer, as {@code recv(2)} does.
     *
     * @param flags {@link #PEEK}, {@link #DONT_WAIT}, {@link #WAIT_ALL}, {@link #CONTINUED}
     * @return how many bytes; -1 if none will come any more; 0 if there are none yet and it does not wait
     * @throws java.net.SocketTimeoutException if it waits longer than {@link #receiveTimeout}; its {@code
     *     bytesTransferred} were received
     */
    public int receive(final ByteBuffer target, final int flags) throws IOException {
        return receiver.receive(target, flags);
    }

    /**
     * Sends what remains of a buffer, as {@code send(2)} does.
     *
     * @param flags {@link #DONT_WAIT}, {@link #MORE}, {@link #END_RECORD}, {@link #URGENT}, {@link #EARLY}, {@link
     *     #STAMP_SCHEDULED}, {@link #STAMP_SENT}, {@link #STAMP_ACKNOWLEDGED}, {@link #NUMBERED}, {@link #IF_PARTLY},
     *     {@link #CONTINUED}, {@link #BEGUN}
     * @return how many bytes; all of them if it waits
     * @throws java.net.SocketTimeoutException if it waits longer than {@link #sendTimeout}; its {@code
     *     bytesTransferred} were sent
     */
    public int send(final ByteBuffer source, final int flags) throws IOException {
        return sender.send(source, flags);
    }

    /** Receives; blocks, if it does, until there is something. As {@link #receive} without flags. */
    @Override
    public int read(final ByteBuffer target) throws IOException {
        return receiver.receiveSome(target);
    }

    /** Sends; blocks, if it does, until everything is taken. As {@link #send} without flags. */
    @Override
    public int write(final ByteBuffer source) throws IOException {
        return send(source, 0);
    }

    /** As {@link #write(ByteBuffer[])}, of some of the buffers. */
    @Override
    public long write(final ByteBuffer[] sources, final int offset, final int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        return sender.gather(sources, offset, length);
    }

    /**
     * Sends what remains of several buffers, one behind the other; blocks, if it does, until everything is taken. What
     * fits into one request, see {@link ClientConfig}, is handed to TCP at once.
     */
    @Override
    public long write(final ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    /** As {@link #read(ByteBuffer[])}, into some of the buffers. */
    @Override
    public long read(final ByteBuffer[] targets, final int offset, final int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        return receiver.scatter(targets, offset, length);
    }

    /** Receives into several buffers, one behind the other; blocks, if it does, until there is something. */
    @Override
    public long read(final ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    /** Reads nothing any more: what comes is still acknowledged. */
    public void shutdownInput() throws IOException {
        shutdown(true, false);
    }

    /** Closes our side once everything written is sent; what the peer sends can still be read. */
    public void shutdownOutput() throws IOException {
        shutdown(false, true);
    }

    /** Reads or writes nothing any more, as {@code shutdown(2)} does. An attempt to connect is given up. */
    public void shutdown(final boolean input, final boolean output) throws IOException {
        request(Operation.SHUTDOWN, (input ? SHUT_READ : 0) | (output ? SHUT_WRITE : 0), null);
    }

    /**
     * Closes the channel as {@link #close()} does, and says when all that was written has arrived.
     *
     * @param settled called once: the peer acknowledged everything, or never will, or there was nothing to wait for; on the
     *     shard's thread, or by this call if the channel or the stack is closed already
     */
    public void close(final Runnable settled) {
        if (!end(Operation.CLOSE, settled)) {
            settled.run();
        }
    }

    /**
     * Closes the channel as {@link #close()} does, and waits until all that was written has arrived: SO_LINGER. What has
     * not arrived by then is sent on.
     *
     * @param patience how long at most
     * @return whether it waited to the end: the peer acknowledged everything, or never will
     * @throws InterruptedIOException if the thread is interrupted; the channel is closed
     */
    public boolean close(final Duration patience) throws InterruptedIOException {
        if (requests.isDirect()) {
            throw new IllegalStateException("the thread that polls the stack cannot wait for it");
        }
        final CountDownLatch settled = new CountDownLatch(1);
        close(settled::countDown);
        try {
            return settled.await(TimeUnit.NANOSECONDS.convert(patience), TimeUnit.NANOSECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            final InterruptedIOException interrupted = new InterruptedIOException("interrupted while it lingered");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    /** Resets the connection and closes the channel. */
    public void abort() {
        end(Operation.ABORT);
    }

    /**
     * The bytes that come, unbuffered: each read is a request to the shard, so wrap it if you read byte by byte. Closing it
     * closes the channel. Reading throws an {@code IllegalBlockingModeException} if the channel does not block.
     */
    public InputStream inputStream() {
        return new ChannelInput(this);
    }

    /**
     * Where bytes go out, unbuffered. Closing it closes the channel. As {@link #inputStream()}, it wants the channel to
     * block.
     */
    public OutputStream outputStream() {
        return new ChannelOutput(this);
    }
}
