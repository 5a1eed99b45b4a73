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
        watched.put(fd, new Watch(target, events == null ? 0 : Values.of(events)));
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
