package io.millrace.stack.client;

import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Echo requests of application threads, and the replies to them: ICMP messages from their type on (RFC 792, RFC 4443).
 * The stack fills in the checksum and the identifier, which stands for a port: only replies with it are received. As
 * from Linux's sockets of this kind nothing but echo requests can be sent. {@link StackClient#openPing} gives it.
 *
 * <p>Thread-safe.
 *
 * @param <A> family of its addresses
 */
public final class PingChannel<A extends IpAddress> extends PacketChannel<A, ShardPing> {
    PingChannel(final Requests requests, final ShardPing end) {
        super(requests, end);
    }

    /**
     * Chooses its identifier.
     *
     * @param local an address of ours or the unspecified one; for a port, the identifier or 0 for a random free one
     * @throws SocketErrorException if another socket has it, the address is none of ours, or this one has a place already
     */
    public void bind(final Endpoint<A> local) throws IOException {
        request(Operation.BIND, 0, local);
    }

    /** Sends to one host, and receives from it only; the port does not matter. */
    public void connect(final Endpoint<A> remote) throws IOException {
        request(Operation.CONNECT, 0, remote);
    }

    /** Receives from everyone again. */
    public void disconnect() throws IOException {
        request(Operation.CONNECT, 0, null);
    }

    /** Its address, and its identifier for a port; null if it has none yet. */
    @SuppressWarnings("unchecked") // it was bound to one of its family
    public @Nullable Endpoint<A> local() throws IOException {
        return (Endpoint<A>) call(ShardPing::local);
    }

    /** Whom it is connected to; null if to nobody. */
    @SuppressWarnings("unchecked") // as above
    public @Nullable A remote() throws IOException {
        return (A) call(ShardPing::remote);
    }

    /** Changes how it sends; on the shard's thread. */
    public void settings(final Consumer<? super SocketSettings> change) throws IOException {
        tell(shard -> shard.settings(change));
    }

    /** Bytes of the message that waits longest; 0 if none does. */
    public int available() throws IOException {
        final Integer count = call(ShardPing::nextLength);
        return count == null ? 0 : count;
    }

    @Override
    int port(final Endpoint<A> to) {
        return 1;
    }
}
