package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The arguments of a system call. */
final class Arguments {
    /** Fields of addresses. */
    private static final Set<String> ADDRESS = Set.of(
            "sa_family",
            "sin_family",
            "sin_port",
            "sin_addr",
            "sin6_family",
            "sin6_port",
            "sin6_addr",
            "sin6_flowinfo",
            "sin6_scope_id");

    private static final Set<String> FAMILIES = Set.of("AF_INET", "AF_INET6", "...");

    /** Calls that take two arguments or three. */
    private static final Set<String> VARIADIC = Set.of("fcntl", "ioctl");

    /** Calls that scripts for other runners make, or may. */
    private static final Pattern ELSEWHERE = Pattern.compile(
            "cap_set|p?select|ppoll|epoll_pwait2?|(?:send|recv)mmsg|dup[23]?|creat|lseek|p(?:read|write)v?|pipe2|tee"
                    + "|vmsplice|getsockname|getpeername|socketpair|kqueue|kevent|(?:psp|sctp|aio|io_uring)_[a-z0-9_]+");

    /** How many calls take. */
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
     * @throws MismatchException if there is no such call, or it takes another number of them
     * @throws UnsupportedCallException if there is no such call here
     */
    Arguments(final Call call, final Host host) {
        this.call = call;
        this.host = host;
        final int count = call.arguments().size();
        if (!COUNTS.containsKey(call.name()) && !VARIADIC.contains(call.name())) {
            throw ELSEWHERE.matcher(call.name()).matches()
                    ? new UnsupportedCallException("the system call " + call.name())
                    : new MismatchException("Unknown system call: '" + call.name() + "'");
        }
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
        for (final Expression field : fields.fields()) {
            if (!(field instanceof Expression.Assigned assigned) || !ADDRESS.contains(assigned.name())) {
                throw new IllegalArgumentException("there is no such field as " + field);
            }
        }
        final Expression family = fields.field("sa_family");
        if (family != null && !FAMILIES.contains(family.toString())) {
            throw new IllegalArgumentException("the family is AF_INET or AF_INET6");
        }
        final Expression v4 = fields.field("sin_port");
        final Expression port = v4 == null ? fields.field("sin6_port") : v4;
        IpAddress address = otherwise.address();
        for (final String name : new String[] {"sin_addr", "sin6_addr"}) {
            final Expression written = fields.field(name);
            if (written instanceof Expression.Applied applied) {
                if (applied.arguments().size() != 1
                        || !(applied.arguments().getFirst() instanceof Expression.Text text)) {
                    throw new IllegalArgumentException(applied + " is not of a quoted address");
                }
                final IpAddress given = IpAddress.parse(text.text());
                address = given.isUnspecified() ? host.any() : given;
            } else if (written != null) {
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
        checkVector("iov_count", number(index + 1), get(index));
        return vector(get(index));
    }

    private static void checkVector(final String what, final long count, final Expression vectors) {
        final int length = SystemCalls.items(vectors).size();
        if (count != length) {
            throw new MismatchException(what + " " + count + " does not match " + length + "-element iovec array");
        }
    }

    private static long vector(final Expression vectors) {
        long total = 0;
        for (final Expression vector : SystemCalls.items(vectors)) {
            if (!(vector instanceof Expression.Fields fields) || fields.fields().size() != 2) {
                throw new MismatchException("'" + vector + "' is no iovec");
            }
            final Expression length = fields.fields().get(1);
            total += Values.of(length instanceof Expression.Assigned assigned ? assigned.value() : length);
        }
        return total;
    }

    /** Bytes that a {@code msghdr} has room for. */
    long message(final int index) {
        final Expression.Fields header = header(index);
        final Expression vectors = header.field("msg_iov");
        if (vectors == null) {
            return 0;
        }
        final Expression count = header.count("msg_iov");
        if (count != null && !(count instanceof Expression.Anything)) {
            checkVector("msg_iovlen", Values.of(count), vectors);
        }
        return vector(vectors);
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
        throw new MismatchException("'" + get(index) + "' is no msghdr");
    }
}
