package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of a system call. */
final class Arguments {
    /** How many calls take; {@code fcntl} and {@code ioctl} take two or three. */
    private static final Map<String, Integer> COUNTS = Map.ofEntries(
            Map.entry("socket", 3),
            Map.entry("bind", 3),
            Map.entry("listen", 2),
            Map.entry("accept", 3),
            Map.entry("accept4", 4),
            Map.entry("connect", 3),
            Map.entry("read", 3),
            Map.entry("readv", 3),
            Map.entry("recv", 4),
            Map.entry("recvfrom", 6),
            Map.entry("recvmsg", 3),
            Map.entry("write", 3),
            Map.entry("writev", 3),
            Map.entry("send", 4),
            Map.entry("sendto", 6),
            Map.entry("sendmsg", 3),
            Map.entry("close", 1),
            Map.entry("shutdown", 2),
            Map.entry("getsockopt", 5),
            Map.entry("setsockopt", 5),
            Map.entry("poll", 3),
            Map.entry("open", 2),
            Map.entry("sendfile", 4),
            Map.entry("epoll_create", 1),
            Map.entry("epoll_create1", 1),
            Map.entry("epoll_ctl", 4),
            Map.entry("epoll_wait", 4),
            Map.entry("pipe", 1),
            Map.entry("splice", 6));

    private final Call call;
    private final Host host;

    /**
     * Arguments.
     *
     * @throws MismatchException if there are not as many as the call takes
     */
    Arguments(final Call call, final Host host) {
        this.call = call;
        this.host = host;
        final int count = call.arguments().size();
        final int expected = COUNTS.getOrDefault(call.name(), count);
        if (count != expected) {
            throw new MismatchException(
                    "runtime error in " + call.name() + " call: Expected " + expected + " args but got " + count);
        }
    }

    Expression get(final int index) {
        final Expression argument = optional(index);
        if (argument == null) {
            throw new MismatchException("Expected at least " + (index + 1) + " args but got "
                    + call.arguments().size());
        }
        return argument;
    }

    @Nullable
    Expression optional(final int index) {
        return index < call.arguments().size() ? call.arguments().get(index) : null;
    }

    /** {@link Host#rounding()}. */
    int rounding() {
        return host.rounding();
    }

    /** {@link Host#md5Key()}. */
    byte @Nullable [] md5Key() {
        return host.md5Key();
    }

    /** {@link Host#errorQueue()}. */
    ErrorQueue errorQueue() {
        return host.errorQueue();
    }

    /** A number. Where the script leaves it open, as it may with a family, it is 0. */
    long number(final int index) {
        final Expression argument = get(index);
        return argument instanceof Expression.Anything ? 0 : Values.of(argument);
    }

    /** An address with a port; what the script leaves open is {@code otherwise}. */
    Endpoint<IpAddress> endpoint(final int index, final Endpoint<IpAddress> otherwise) {
        if (!(get(index) instanceof Expression.Fields fields)) {
            return otherwise;
        }
        try {
            return endpoint(fields, otherwise);
        } catch (final IllegalArgumentException e) {
            throw new MismatchException("bad address " + fields + ": " + e.getMessage());
        }
    }

    private Endpoint<IpAddress> endpoint(final Expression.Fields fields, final Endpoint<IpAddress> otherwise) {
        final Expression v4 = fields.field("sin_port");
        final Expression port = v4 == null ? fields.field("sin6_port") : v4;
        IpAddress address = otherwise.address();
        for (final String name : new String[] {"sin_addr", "sin6_addr"}) {
            if (fields.field(name) instanceof Expression.Applied applied
                    && applied.arguments().getFirst() instanceof Expression.Text text) {
                final IpAddress given = IpAddress.parse(text.text());
                address = given.isUnspecified() ? host.any() : given;
            } else if (fields.field(name) != null) {
                address = host.any();
            }
        }
        if (address.family() != otherwise.address().family()) {
            throw new UnsupportedCallException("an address of another family than the script's");
        }
        return new Endpoint<>(address, port == null ? otherwise.port() : (int) Values.of(port));
    }

    /** Whether the script passes no memory. */
    boolean isNull(final int index) {
        final Expression argument = get(index);
        return (argument instanceof Expression.Name name && name.name().equals("NULL"))
                || (argument instanceof Expression.Literal number && number.value() == 0);
    }

    /** As above; null where the script says NULL or 0. */
    @Nullable
    Endpoint<IpAddress> destination(final int index, final Endpoint<IpAddress> otherwise) {
        if (optional(index) == null || isUnspecified(index) || isNull(index)) {
            return null;
        }
        return endpoint(index, otherwise);
    }

    /** Whether the script passes an address without a family. */
    boolean isUnspecified(final int index) {
        return optional(index) instanceof Expression.Name name && name.name().equals("AF_UNSPEC");
    }

    /** Bytes that an array of {@code iovec} has room for, whose length comes next. */
    long vector(final int index) {
        final int length = SystemCalls.items(get(index)).size();
        if (number(index + 1) != length) {
            throw new MismatchException(
                    "iov_count " + number(index + 1) + " does not match " + length + "-element iovec array");
        }
        return vector(get(index));
    }

    private static long vector(final Expression vectors) {
        long total = 0;
        for (final Expression vector : SystemCalls.items(vectors)) {
            if (!(vector instanceof Expression.Fields fields) || fields.fields().size() != 2) {
                throw new UnsupportedCallException("'" + vector + "' as an iovec");
            }
            final Expression length = fields.fields().get(1);
            total += Values.of(length instanceof Expression.Assigned assigned ? assigned.value() : length);
        }
        return total;
    }

    /** Bytes that a {@code msghdr} has room for. */
    long message(final int index) {
        final Expression vectors = header(index).field("msg_iov");
        return vectors == null ? 0 : vector(vectors);
    }

    /** The ancillary data of a {@code msghdr}. */
    List<Expression> control(final int index) {
        final Expression control = header(index).field("msg_control");
        return control == null ? List.of() : SystemCalls.items(control);
    }

    /**
     * Compares {@code msg_flags} of a {@code msghdr}, if the script says any.
     *
     * @throws MismatchException if they differ
     */
    void checkFlags(final int index, final int actual) {
        final Expression expected = header(index).field("msg_flags");
        if (expected != null && !(expected instanceof Expression.Anything) && Values.of(expected) != actual) {
            throw new MismatchException("Expected msg_flags " + expected + " but got 0x" + Integer.toHexString(actual));
        }
    }

    Expression.Fields header(final int index) {
        if (get(index) instanceof Expression.Fields fields) {
            return fields;
        }
        throw new UnsupportedCallException("'" + get(index) + "' as a msghdr");
    }
}
