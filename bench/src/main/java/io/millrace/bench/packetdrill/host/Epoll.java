package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.socketapi.Descriptor;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.OpenFile;
import io.millrace.stack.client.Readiness;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A set of descriptors whose readiness is watched, level- or edge-triggered. */
final class Epoll implements OpenFile {
    private static final int ALWAYS = Readiness.ALWAYS;
    private static final long CONDITIONS = 0xFFFF;

    private final Map<Integer, Watch> watched = new LinkedHashMap<>();

    /** A descriptor and what is asked of it. */
    private static final class Watch {
        final Descriptor descriptor;
        final long events;
        /** What the program keeps beside it, told with its events. */
        final long data;

        int arrivals = -1;
        int drains = -1;
        boolean spent;

        Watch(final Descriptor descriptor, final long events, final long data) {
            this.descriptor = descriptor;
            this.events = events;
            this.data = data;
        }
    }

    /** A descriptor that is ready. */
    record Ready(int fd, long events, long data) {
        /** Whether an {@code epoll_event} of a script is this one; what it leaves open is. */
        boolean is(final Expression.Fields event) {
            final Expression expected = event.field("events");
            if (expected instanceof Expression.Anything) {
                return true;
            }
            final Data kept = Data.of(event);
            return (expected == null ? 0 : Values.of(expected)) == events && (kept == null || kept.is(data));
        }

        @Override
        public String toString() {
            return "events 0x" + Long.toHexString(events) + " of descriptor " + fd + " with data " + data;
        }
    }

    /** What the program keeps beside a descriptor. */
    private record Data(long value, boolean wide) {
        private static final List<String> NARROW = List.of("fd", "u32");
        private static final List<String> WIDE = List.of("ptr", "u64");

        static @Nullable Data of(final Expression.Fields event) {
            for (final String name : NARROW) {
                final Expression value = event.field(name);
                if (value != null) {
                    return value instanceof Expression.Anything ? null : new Data(Values.of(value), false);
                }
            }
            for (final String name : WIDE) {
                final Expression value = event.field(name);
                if (value != null) {
                    return value instanceof Expression.Anything ? null : new Data(Values.of(value), true);
                }
            }
            return null;
        }

        boolean is(final long actual) {
            return wide ? value == actual : (int) value == (int) actual;
        }
    }

    Outcome control(final long operation, final int fd, final Descriptor target, final @Nullable Expression event) {
        final Watch old = watched.get(fd);
        if (operation == Linux.EPOLL_CTL_DEL) {
            return watched.remove(fd) == null ? Outcome.error(Linux.ENOENT) : Outcome.ZERO;
        }
        if ((operation == Linux.EPOLL_CTL_ADD) != (old == null)) {
            return Outcome.error(operation == Linux.EPOLL_CTL_ADD ? Linux.EEXIST : Linux.ENOENT);
        }
        if (!(event instanceof Expression.Fields fields)) {
            return Outcome.error(Linux.EFAULT);
        }
        final Expression events = fields.field("events");
        final Data data = Data.of(fields);
        watched.put(fd, new Watch(target, events == null ? 0 : Values.of(events), data == null ? 0 : data.value()));
        return Outcome.ZERO;
    }

    List<Ready> ready(final int most) {
        final List<Ready> ready = new ArrayList<>();
        watched.forEach((fd, watch) -> {
            if (ready.size() < most) {
                final long events = conditions(watch);
                if (events != 0) {
                    ready.add(new Ready(fd, events, watch.data));
                }
            }
        });
        return ready;
    }

    private static long conditions(final Watch watch) {
        final Readiness readiness = watch.descriptor.readiness();
        final long events = readiness.bits() & ((watch.events & CONDITIONS) | ALWAYS);
        if (events == 0 || watch.spent) {
            return 0;
        }
        final boolean edge = (watch.events & Linux.EPOLLET) != 0;
        if (edge && watch.arrivals == readiness.arrivals() && watch.drains == readiness.drains()) {
            return 0;
        }
        watch.arrivals = readiness.arrivals();
        watch.drains = readiness.drains();
        watch.spent = (watch.events & Linux.EPOLLONESHOT) != 0;
        return events;
    }

    @Override
    public void close() {
        watched.clear();
    }
}
