package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arguments of a system call. */
final class Arguments {
    private final Call call;
    private final Host host;

    Arguments(final Call call, final Host host) {
        this.call = call;
        this.host = host;
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

    /** Bytes that an array of {@code iovec} has room for. */
    long vector(final int index) {
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

    Expression.Fields header(final int index) {
        if (get(index) instanceof Expression.Fields fields) {
            return fields;
        }
        throw new UnsupportedCallException("'" + get(index) + "' as a msghdr");
    }
}
