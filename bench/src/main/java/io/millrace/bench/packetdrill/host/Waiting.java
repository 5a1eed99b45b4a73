package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.socketapi.Descriptor;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.OpenFile;
import io.millrace.stack.client.Readiness;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls that wait for descriptors to be ready: poll and epoll_wait. */
final class Waiting {
    private static final long MILLISECOND = 1000;

    private final Host host;

    Waiting(final Host host) {
        this.host = host;
    }

    /** Begins a poll; its {@code revents} are compared when it returns. */
    Attempt poll(final Arguments arguments, final long now) {
        final List<Expression> entries = SystemCalls.items(arguments.get(0));
        if (arguments.number(1) != entries.size()) {
            throw new MismatchException(
                    "nfds " + arguments.number(1) + " does not match " + entries.size() + "-element pollfd array");
        }
        final long timeout = arguments.number(2);
        return new Timed(deadline(timeout, now)) {
            @Override
            @Nullable
            Outcome attempt(final boolean last) {
                final long[] found = new long[entries.size()];
                int ready = 0;
                for (int i = 0; i < found.length; i++) {
                    found[i] = conditions(entries.get(i));
                    ready += found[i] != 0 ? 1 : 0;
                }
                if (ready == 0 && !last) {
                    return null;
                }
                for (int i = 0; i < found.length; i++) {
                    compare(entries.get(i), found[i]);
                }
                return Outcome.of(ready);
            }
        };
    }

    private long conditions(final Expression entry) {
        if (number(entry, "fd") < 0) {
            return 0; // it is passed over
        }
        return host.get(number(entry, "fd")) instanceof Descriptor socket
                ? socket.readiness().bits() & (number(entry, "events") | Readiness.ALWAYS)
                : Linux.POLLNVAL;
    }

    private static void compare(final Expression entry, final long found) {
        if (entry instanceof Expression.Fields fields && fields.field("revents") instanceof Expression.Anything) {
            return;
        }
        final long expected = number(entry, "revents");
        if (expected != found) {
            throw new MismatchException("Expected pollfd " + entry + " but got revents 0x" + Long.toHexString(found));
        }
    }

    private static long number(final Expression entry, final String field) {
        if (!(entry instanceof Expression.Fields fields)) {
            throw new MismatchException("'" + entry + "' is no pollfd");
        }
        final Expression value = fields.field(field);
        return value == null ? 0 : Values.of(value);
    }

    /** Begins an epoll_wait; the events are compared when it returns. */
    Attempt epoll(final OpenFile descriptor, final Arguments arguments, final long now) {
        if (!(descriptor instanceof Epoll epoll)) {
            return at -> Outcome.error(Linux.EINVAL);
        }
        final List<Expression> expected =
                arguments.get(1) instanceof Expression.Items items ? items.items() : List.of(arguments.get(1));
        final int most = (int) arguments.number(2);
        return new Timed(deadline(arguments.number(3), now)) {
            @Override
            @Nullable
            Outcome attempt(final boolean last) {
                final List<Epoll.Ready> ready = epoll.ready(most);
                if (ready.isEmpty() && !last) {
                    return null;
                }
                for (int i = 0; i < Math.min(ready.size(), expected.size()); i++) {
                    if (expected.get(i) instanceof Expression.Fields fields
                            && !ready.get(i).is(fields)) {
                        throw new MismatchException("Expected " + fields + " but got " + ready.get(i));
                    }
                }
                return Outcome.of(ready.size());
            }
        };
    }

    private static long deadline(final long timeoutMillis, final long now) {
        return timeoutMillis < 0 ? Long.MAX_VALUE : now + timeoutMillis * MILLISECOND;
    }
}
