package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.socketapi.Descriptor;
import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Failures;
import io.millrace.bench.socketapi.Linux;
import io.millrace.stack.client.Readiness;
import java.util.List;

/** What {@code recvmsg} tells beside the bytes, as far as sockets here know it: TCP_CM_INQ. */
final class Ancillary {
    private Ancillary() {}

    /**
     * Compares what a script expects with what a socket has to tell right after it received.
     *
     * @param expected the messages, in order
     * @throws UnsupportedCallException if one is of another kind
     */
    static void check(final Descriptor socket, final List<Expression> expected) throws ErrnoException {
        for (final Expression message : expected) {
            if (!(message instanceof Expression.Fields fields)
                    || number(fields, "cmsg_level") != Linux.SOL_TCP
                    || number(fields, "cmsg_type") != Linux.TCP_CM_INQ) {
                throw new UnsupportedCallException("ancillary data " + message);
            }
            final long unread = unread(socket);
            if (number(fields, "cmsg_data") != unread) {
                throw new MismatchException("Expected ancillary data " + message + " but got cmsg_data " + unread);
            }
        }
    }

    /** Bytes that are left to read; the end of the stream counts as one. */
    private static long unread(final Descriptor socket) throws ErrnoException {
        final boolean ends = (socket.readiness().bits() & Readiness.PEER_CLOSED) != 0;
        return (long) Failures.translated(socket::unread) + (ends ? 1 : 0);
    }

    private static long number(final Expression.Fields fields, final String name) {
        final Expression value = fields.field(name);
        if (value == null) {
            throw new UnsupportedCallException("ancillary data without " + name);
        }
        return Values.of(value);
    }
}
