package io.millrace.stack.client;

import io.millrace.stack.NetInterface;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The shard's end of a socket. Everything but {@link #readiness} belongs to the shard's thread. */
abstract class ShardSocket {
    final ClientService service;
    final Readiness readiness = new Readiness();

    ShardSocket(final ClientService service) {
        this.service = service;
    }

    /**
     * Serves a request, at once or not at all.
     *
     * @param kind one of the constants of {@link Operation}
     * @return 0 or more, or a {@link SocketError#result()}
     */
    final int perform(final int kind, final Operation operation) {
        final int result;
        if (kind == Operation.CALL) {
            @SuppressWarnings("unchecked") // whoever asks for a call hands in one that fits this socket
            final Function<ShardSocket, @Nullable Object> call =
                    (Function<ShardSocket, @Nullable Object>) operation.argument;
            operation.answer = call == null ? null : call.apply(this);
            result = 0;
        } else {
            result = serve(kind, operation);
        }
        update();
        return result;
    }

    /** Whether an address is one of the stack's own. */
    final boolean hasAddress(final IpAddress address) {
        for (final NetInterface at : service.stack().interfaces()) {
            for (final Cidr<? extends IpAddress> cidr : at.addresses()) {
                if (cidr.address().equals(address)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Serves anything but a call. */
    abstract int serve(int kind, Operation operation);

    /** Sets the bits of {@link #readiness}. */
    abstract void update();

    /** The stack is about to be closed. */
    abstract void end();
}
