package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSocket;
import org.jspecify.annotations.Nullable;

/** Calls that ask for, or set, what a socket is like: ioctl, setsockopt and getsockopt. */
final class Inquiries {
    private static final int SIOCINQ = 0x541B;
    private static final int SIOCOUTQ = 0x5411;
    private static final int SIOCOUTQNSD = 0x894B;

    private Inquiries() {}

    static Outcome ioctl(final Descriptor descriptor, final Arguments arguments) {
        final TcpSocket<?> socket = descriptor instanceof TcpDescriptor tcp ? tcp.socket() : null;
        if (socket == null) {
            return Errno.EINVAL.outcome();
        }
        final int request = (int) arguments.number(1);
        final long value = switch (request) {
            case SIOCINQ -> socket.readable();
            case SIOCOUTQ -> socket.unacknowledged();
            case SIOCOUTQNSD -> socket.info(new TcpInfo()).notSent;
            default -> throw new UnsupportedCallException("the ioctl 0x" + Integer.toHexString(request));
        };
        compare("ioctl", arguments.optional(2), value);
        return Outcome.ZERO;
    }

    static Outcome set(final Descriptor descriptor, final Arguments arguments) {
        final int level = (int) arguments.number(1);
        final int option = (int) arguments.number(2);
        return SocketOptions.set(descriptor, level, option, given(level, option, arguments.get(3)));
    }

    private static long given(final int level, final int option, final Expression value) {
        if (level == Constants.SOL_SOCKET && option == SocketOptions.SO_LINGER) {
            if (value instanceof Expression.Fields fields) {
                final Expression on = fields.field("onoff");
                final Expression seconds = fields.field("linger");
                return on == null || Constants.value(on) == 0 ? -1 : seconds == null ? 0 : Constants.value(seconds);
            }
        }
        if (value instanceof Expression.Text text) {
            if (level == Constants.SOL_TCP && option == SocketOptions.TCP_CONGESTION) {
                return SocketOptions.congestion(text.text());
            }
            throw new UnsupportedCallException("text as the value of a socket option");
        }
        if (value instanceof Expression.Items items
                && items.items().size() == 1
                && items.items().getFirst() instanceof Expression.Text) {
            return given(level, option, items.items().getFirst());
        }
        return Constants.value(value);
    }

    static Outcome get(final Descriptor descriptor, final Arguments arguments) {
        final int level = (int) arguments.number(1);
        final int option = (int) arguments.number(2);
        if (level == Constants.SOL_TCP && option == SocketOptions.TCP_INFO) {
            return Outcome.ZERO; // what is in it, assertions say
        }
        final Expression expected = arguments.get(3);
        final long value = SocketOptions.get(descriptor, level, option);
        if (!(expected instanceof Expression.Anything) && given(level, option, expected) != value) {
            throw new MismatchException("Bad getsockopt: expected: " + expected + " actual: " + value);
        }
        return Outcome.ZERO;
    }

    private static void compare(final String call, final @Nullable Expression expected, final long value) {
        if (expected != null
                && !(expected instanceof Expression.Anything)
                && !expected.toString().equals("NULL")
                && Constants.value(expected) != value) {
            throw new MismatchException("Bad " + call + " value: expected: " + expected + " actual: " + value);
        }
    }
}
