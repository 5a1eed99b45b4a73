package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A set of descriptors whose readiness is watched, level- or edge-triggered. */
final class Epoll extends Descriptor {
    private static final long EDGE = 1L << 31;
    private static final long ONE_SHOT = 1L << 30;
    private static final int ALWAYS = Constants.POLLERR | Constants.POLLHUP;
    private static final long CONDITIONS = 0xFFFF;

    private final Map<Integer, Watch> watched = new LinkedHashMap<>();

    /** A descriptor and what is asked of it. */
    private static final class Watch {
        final Descriptor descriptor;
        long events;
        int arrivals = -1;
        int drains = -1;
        boolean spent;

        Watch(final Descriptor descriptor, final long events) {
            this.descriptor = descriptor;
            this.events = events;
        }
    }

    /** A descriptor that is ready. */
    record Ready(int fd, long events) {}

    Outcome control(final long operation, final int fd, final Descriptor target, final @Nullable Expression event) {
        final Watch old = watched.get(fd);
        if (operation == 2) {
            return watched.remove(fd) == null ? Outcome.error(2) : Outcome.ZERO;
        }
        if ((operation == 1) != (old == null)) {
            return Outcome.error(operation == 1 ? 17 : 2); // EEXIST, ENOENT
        }
        if (!(event instanceof Expression.Fields fields)) {
            return Errno.EFAULT.outcome();
        }
        final Expression events = fields.field("events");
        watched.put(fd, new Watch(target, events == null ? 0 : Constants.value(events)));
        return Outcome.ZERO;
    }

    List<Ready> ready(final int most) {
        final List<Ready> ready = new ArrayList<>();
        watched.forEach((fd, watch) -> {
            if (ready.size() < most) {
                final long events = conditions(watch);
                if (events != 0) {
                    ready.add(new Ready(fd, events));
                }
            }
        });
        return ready;
    }

    private static long conditions(final Watch watch) {
        final long events = watch.descriptor.readiness() & ((watch.events & CONDITIONS) | ALWAYS);
        if (events == 0 || watch.spent) {
            return 0;
        }
        final boolean edge = (watch.events & EDGE) != 0;
        if (edge && watch.arrivals == watch.descriptor.arrivals && watch.drains == watch.descriptor.drains) {
            return 0;
        }
        watch.arrivals = watch.descriptor.arrivals;
        watch.drains = watch.descriptor.drains;
        watch.spent = (watch.events & ONE_SHOT) != 0;
        return events;
    }

    @Override
    int readiness() {
        return 0;
    }

    @Override
    void close() {
        watched.clear();
    }
}
