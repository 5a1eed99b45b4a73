package io.millrace.dataplane.linux;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.PortException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * A socket to the routing tables of this thread's network namespace: RTNETLINK (RFC 3549). One that {@linkplain #watch
 * watches} hears of changes, one that {@linkplain #open does not} asks and tells. For one thread at a time.
 */
public final class RouteSocket implements AutoCloseable {
    /** Most ways of a route that is written. */
    public static final int MOST_HOPS = 64;

    /** RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE. */
    private static final int GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

    /** {@code struct sockaddr_nl}: family 16, padding 16, port 32, groups 32. */
    private static final int SOCKET_ADDRESS = 12;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int RECEIVE_BUFFER = 8 << 20;

    /** The kernel makes its datagrams as large as the reader's buffer was, up to this. */
    private static final int BUFFER = 32 << 10;

    /** Room for a request with as many ways as a route may have. */
    private static final int REQUEST = 4 << 10;

    private static final int ANSWER_MILLIS = 5_000;
    private static final int NO_DAD = 2;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment errno = arena.allocate(Linux.ERRNO);
    private final MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
    private final MemorySegment request = arena.allocate(REQUEST, Long.BYTES);
    private final MemorySegment descriptor = arena.allocate(8, Integer.BYTES);
    private final int fd;
    private int sequence;
    private int used;

    private RouteSocket() {
        fd = Linux.socket(
                errno, Linux.AF_NETLINK, Linux.SOCK_RAW | Linux.O_CLOEXEC | Linux.O_NONBLOCK); // NETLINK_ROUTE is 0
        if (fd < 0) {
            final int failure = Linux.errno(errno);
            arena.close();
            throw new PortException("cannot reach the kernel's routing tables: " + Linux.words(failure));
        }
        descriptor.set(ValueLayout.JAVA_INT, 0, fd);
        descriptor.set(ValueLayout.JAVA_SHORT, 4, Linux.POLLIN);
    }

    /**
     * Opens one for questions and changes.
     *
     * @throws PortException if it cannot be opened
     */
    public static RouteSocket open() {
        return new RouteSocket();
    }

    /**
     * Opens one that hears of all changes from now on.
     *
     * @throws PortException if it cannot be opened
     */
    public static RouteSocket watch() {
        final RouteSocket socket = new RouteSocket();
        try {
            // As much as a full table of the Internet makes at once, if we may.
            if (socket.receiveBuffer(SO_RCVBUFFORCE) < 0) {
                socket.receiveBuffer(SO_RCVBUF);
            }
            // Without a port number of its own a socket hears nothing; the kernel chooses it.
            socket.request.fill((byte) 0);
            RouteMessages.put16(socket.request, 0, Linux.AF_NETLINK);
            RouteMessages.put32(socket.request, 8, GROUPS);
            if (Linux.bind(socket.errno, socket.fd, socket.request, SOCKET_ADDRESS) < 0) {
                throw socket.failure("cannot watch the kernel's routing tables");
            }
            return socket;
        } catch (final RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Waits for changes and tells of one datagram of them.
     *
     * @param timeoutMillis how long to wait; 0 not at all
     * @return whether there was one
     * @throws PortException if the socket fails
     */
    public boolean next(final RouteListener listener, final int timeoutMillis) {
        if (!await(timeoutMillis)) {
            return false;
        }
        final int length = receive(listener);
        if (length > 0) {
            visit(length, listener, false);
        }
        return length != 0;
    }

    /**
     * Tells of all addresses that there are.
     *
     * @throws PortException if the kernel does not answer
     */
    public void addresses(final RouteListener listener) {
        begin(RouteMessages.GET_ADDRESS, RouteMessages.REQUEST | RouteMessages.DUMP, RouteMessages.ADDRESS_BODY);
        dump(listener);
    }

    /**
     * Tells of all routes of the main table that there are, of one family.
     *
     * @param family {@link Linux#AF_INET} or {@link Linux#AF_INET6}
     * @throws PortException if the kernel does not answer
     */
    public void routes(final int family, final RouteListener listener) {
        begin(RouteMessages.GET_ROUTE, RouteMessages.REQUEST | RouteMessages.DUMP, RouteMessages.ROUTE_BODY);
        Net.put8(request, RouteMessages.HEADER, family);
        dump(listener);
    }

    /**
     * Gives an interface an address, without a check for duplicates; harmless if it has it.
     *
     * @throws PortException if the kernel refuses
     */
    public void add(final LinuxAddress address) {
        begin(
                RouteMessages.NEW_ADDRESS,
                RouteMessages.REQUEST | RouteMessages.ACK | RouteMessages.CREATE | RouteMessages.REPLACE,
                RouteMessages.ADDRESS_BODY);
        address(address);
        Net.put8(request, RouteMessages.HEADER + 2, NO_DAD);
        check("give interface " + address.device() + " its address", Linux.EEXIST);
    }

    /**
     * Takes an address from an interface; harmless if it does not have it.
     *
     * @throws PortException if the kernel refuses
     */
    public void remove(final LinuxAddress address) {
        begin(RouteMessages.DEL_ADDRESS, RouteMessages.REQUEST | RouteMessages.ACK, RouteMessages.ADDRESS_BODY);
        address(address);
        check("take an address from interface " + address.device(), 99); // EADDRNOTAVAIL
    }

    private void address(final LinuxAddress address) {
        Net.put8(request, RouteMessages.HEADER, address.family());
        Net.put8(request, RouteMessages.HEADER + 1, address.prefixLength());
        RouteMessages.put32(request, RouteMessages.HEADER + 4, address.device());
        internet(RouteMessages.ADDRESS_LOCAL, address.family(), address.hi(), address.lo());
        internet(RouteMessages.ADDRESS_ADDRESS, address.family(), address.hi(), address.lo());
    }

    /**
     * Adds a route to the main table, in place of one of the same destination and metric.
     *
     * @param route with {@link #MOST_HOPS} ways at most
     * @throws PortException if the kernel refuses
     */
    public void add(final LinuxRoute route) {
        begin(
                RouteMessages.NEW_ROUTE,
                RouteMessages.REQUEST | RouteMessages.ACK | RouteMessages.CREATE | RouteMessages.REPLACE,
                RouteMessages.ROUTE_BODY);
        route(route);
        metrics(route.metrics());
        check("add a route", Linux.EEXIST);
    }

    /**
     * Removes a route from the main table; harmless if it is not there.
     *
     * @throws PortException if the kernel refuses
     */
    public void remove(final LinuxRoute route) {
        begin(RouteMessages.DEL_ROUTE, RouteMessages.REQUEST | RouteMessages.ACK, RouteMessages.ROUTE_BODY);
        route(route);
        check("remove a route", 3); // ESRCH
    }

    private void route(final LinuxRoute route) {
        final int body = RouteMessages.HEADER;
        Net.put8(request, body, route.family());
        Net.put8(request, body + 1, route.prefixLength());
        Net.put8(request, body + 4, RouteMessages.MAIN_TABLE);
        Net.put8(request, body + 5, route.protocol());
        // Scope "link" for neighbours in IPv4; IPv6 takes no notice.
        final boolean direct = route.hops().stream().noneMatch(LinuxHop::hasGateway);
        Net.put8(request, body + 6, direct && route.family() == Linux.AF_INET ? 253 : 0);
        Net.put8(request, body + 7, route.kind());
        internet(RouteMessages.ROUTE_DESTINATION, route.family(), route.hi(), route.lo());
        if (route.metric() != 0) {
            RouteMessages.put32(request, attribute(RouteMessages.ROUTE_PRIORITY, 4), route.metric());
        }
        if (route.hops().size() == 1) {
            final LinuxHop hop = route.hops().getFirst();
            gateway(route.family(), hop);
            if (hop.device() > 0) {
                RouteMessages.put32(request, attribute(RouteMessages.ROUTE_DEVICE, 4), hop.device());
            }
        } else if (!route.hops().isEmpty()) {
            multipath(route);
        }
    }

    private void metrics(final LinuxMetrics metrics) {
        if (!metrics.equals(LinuxMetrics.NONE)) {
            final int all = attribute(RouteMessages.ROUTE_METRICS, 0);
            used = MetricAttributes.write(request, all, metrics);
            RouteMessages.put16(request, all - RouteMessages.ATTRIBUTE, used - all + RouteMessages.ATTRIBUTE);
        }
    }

    private void multipath(final LinuxRoute route) {
        final int all = attribute(RouteMessages.ROUTE_MULTIPATH, 0);
        for (final LinuxHop hop : route.hops()) {
            final int at = used;
            used += RouteMessages.NEXT_HOP;
            gateway(route.family(), hop);
            RouteMessages.put16(request, at, used - at);
            Net.put8(request, at + 3, hop.weight() - 1);
            RouteMessages.put32(request, at + 4, hop.device());
        }
        RouteMessages.put16(request, all - RouteMessages.ATTRIBUTE, used - all + RouteMessages.ATTRIBUTE);
    }

    private void gateway(final int family, final LinuxHop hop) {
        if (hop.gatewayFamily() == family) {
            internet(RouteMessages.ROUTE_GATEWAY, family, hop.hi(), hop.lo());
        } else if (hop.hasGateway()) {
            final int at = attribute(RouteMessages.ROUTE_VIA, 2 + (hop.gatewayFamily() == Linux.AF_INET ? 4 : 16));
            RouteMessages.put16(request, at, hop.gatewayFamily());
            put(at + 2, hop.gatewayFamily(), hop.hi(), hop.lo());
        }
    }

    private void begin(final int type, final int flags, final int body) {
        request.fill((byte) 0);
        used = RouteMessages.HEADER + body;
        RouteMessages.put16(request, 4, type);
        RouteMessages.put16(request, RouteMessages.FLAGS_OFFSET, flags);
        RouteMessages.put32(request, 8, ++sequence);
    }

    /** Begins an attribute; returns where its value goes. */
    private int attribute(final int type, final int length) {
        final int at = used;
        RouteMessages.put16(request, at, RouteMessages.ATTRIBUTE + length);
        RouteMessages.put16(request, at + 2, type);
        used += RouteMessages.padded(RouteMessages.ATTRIBUTE + length);
        return at + RouteMessages.ATTRIBUTE;
    }

    private void internet(final int type, final int family, final long hi, final long lo) {
        put(attribute(type, family == Linux.AF_INET ? 4 : 16), family, hi, lo);
    }

    private void put(final int at, final int family, final long hi, final long lo) {
        if (family == Linux.AF_INET) {
            Net.put32(request, at, (int) lo);
        } else {
            Net.put64(request, at, hi);
            Net.put64(request, at + 8L, lo);
        }
    }

    private void send() {
        RouteMessages.put32(request, 0, used);
        if (Linux.write(errno, fd, request.address(), used) < 0) {
            throw failure("cannot ask the kernel's routing tables");
        }
    }

    private void dump(final RouteListener listener) {
        send();
        boolean more = true;
        while (more) {
            if (!await(ANSWER_MILLIS)) {
                throw new PortException("the kernel's routing tables do not answer");
            }
            final int length = receive(listener);
            if (length > 0) {
                more = visit(length, listener, true);
            } else if (length < 0) {
                throw new PortException("the kernel's routing tables told more than there is room for");
            }
        }
    }

    /** Sends a request that is to be acknowledged. */
    private void check(final String what, final int harmless) {
        send();
        while (await(ANSWER_MILLIS)) {
            final long length = Linux.read(errno, fd, buffer.address(), BUFFER);
            if (length >= RouteMessages.HEADER + 4
                    && RouteMessages.u16(buffer, 4) == RouteMessages.ERROR
                    && RouteMessages.u32(buffer, 8) == sequence) {
                final int failure = -RouteMessages.u32(buffer, RouteMessages.HEADER);
                if (failure != 0 && failure != harmless) {
                    throw new PortException("Linux does not " + what + ": " + Linux.words(failure));
                }
                return;
            }
        }
        throw new PortException("Linux does not " + what + ": no answer");
    }

    private boolean await(final int timeoutMillis) {
        final long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        int left = timeoutMillis;
        while (true) {
            final int ready = Linux.poll(errno, descriptor, left);
            if (ready >= 0) {
                return ready > 0;
            }
            if (Linux.errno(errno) != Linux.EINTR) {
                throw failure("cannot wait for the kernel's routing tables");
            }
            left = (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
        }
    }

    /** Reads a datagram. Returns its length, 0 if there is none, -1 if the kernel has dropped some. */
    private int receive(final RouteListener listener) {
        final long length = Linux.read(errno, fd, buffer.address(), BUFFER);
        if (length >= 0) {
            return (int) length;
        }
        return switch (Linux.errno(errno)) {
            case Linux.EAGAIN, Linux.EINTR -> 0;
            case Linux.ENOBUFS -> {
                listener.onOverrun();
                yield -1;
            }
            default -> throw failure("cannot read the kernel's routing tables");
        };
    }

    /**
     * Tells of the messages in the buffer, of which one that is cut off ends it.
     *
     * @param answers whether only answers to the last request count: others are left from one that was given up
     * @return whether more of a dump is to come
     */
    private boolean visit(final int length, final RouteListener listener, final boolean answers) {
        int at = 0;
        while (at + RouteMessages.HEADER <= length) {
            final int size = RouteMessages.u32(buffer, at);
            if (size < RouteMessages.HEADER || size > length - at) {
                listener.onOverrun(); // more than the buffer holds
                return true;
            }
            if (!answers || RouteMessages.u32(buffer, at + 8) == sequence) {
                if ((RouteMessages.u16(buffer, at + RouteMessages.FLAGS_OFFSET) & RouteMessages.DUMP_INTERRUPTED)
                        != 0) {
                    listener.onOverrun(); // something changed meanwhile, and may have been left out
                }
                if (!read(at, size, listener)) {
                    return false;
                }
            }
            at += RouteMessages.padded(size);
        }
        return true;
    }

    /** Tells of a message in the buffer; returns whether more of a dump is to come. */
    private boolean read(final int at, final int size, final RouteListener listener) {
        switch (RouteMessages.u16(buffer, at + 4)) {
            case RouteMessages.DONE -> {
                return false;
            }
            case RouteMessages.ERROR -> {
                final int failure = size < RouteMessages.HEADER + 4 ? 0 : -RouteMessages.u32(buffer, at + 16);
                throw new PortException("Linux does not tell its routes: " + Linux.words(failure));
            }
            case RouteMessages.OVERRUN -> listener.onOverrun();
            default -> RouteMessages.read(buffer, at, at + size, listener);
        }
        return true;
    }

    private int receiveBuffer(final int option) {
        request.set(ValueLayout.JAVA_INT, 0, RECEIVE_BUFFER);
        return Linux.setsockopt(errno, fd, SOL_SOCKET, option, request);
    }

    private PortException failure(final String what) {
        return new PortException(what + ": " + Linux.words(Linux.errno(errno)));
    }

    /** Closes the socket. Not while another thread waits in it. Harmless when called again. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            Linux.close(fd);
            arena.close();
        }
    }
}
