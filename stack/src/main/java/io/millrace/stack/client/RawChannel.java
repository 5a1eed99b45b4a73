package io.millrace.stack.client;

import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whole IP packets of application threads, header included both ways, as {@link RawSocket} says. Where a packet goes
 * stands in its header, so {@link #send(java.nio.ByteBuffer) sending} takes no address. {@link StackClient#openRaw}
 * gives it.
 *
 * <p>Thread-safe.
 */
public final class RawChannel extends PacketChannel<IpAddress, ShardRaw> {
    RawChannel(final Requests requests, final ShardRaw end) {
        super(requests, end);
    }

    /** Changes how it sends; on the shard's thread. */
    public void settings(final Consumer<? super SocketSettings> change) throws IOException {
        tell(shard -> shard.settings(change));
    }

    /**
     * Asks the stack's socket something, on the shard's thread. The socket must not be kept, read or closed by the
     * function.
     */
    public <T> @Nullable T ask(final Function<? super RawSocket, ? extends @Nullable T> question) throws IOException {
        return call(shard -> question.apply(shard.socket()));
    }

    /** Bytes of the packet that waits longest; 0 if none does. */
    public int available() throws IOException {
        final Integer count = call(ShardRaw::nextLength);
        return count == null ? 0 : count;
    }

    @Override
    int port(final Endpoint<IpAddress> to) {
        return 1;
    }
}
