package io.millrace.dataplane.port.tap;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.PortException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What Linux says of a network interface, asked through {@code ioctl} so that it is the interface of this thread's
 * network namespace, whatever {@code /sys} shows. Linux on x86-64 and AArch64.
 */
final class NetDevice {
    /** Bytes of {@code struct ifreq}: the name, and a union of 24 bytes. */
    static final int IFREQ_SIZE = 40;

    /** Offset of the union. */
    static final int IFREQ_VALUE = 16;

    private static final int NAME_SIZE = 16;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final int IFF_UP = 0x1;
    private static final int IFF_RUNNING = 0x40;

    private final String name;

    NetDevice(final String name) {
        // The kernel takes %d for a pattern and fills in a number.
        if (name.isEmpty()
                || name.length() >= NAME_SIZE
                || !name.chars().allMatch(c -> c > ' ' && c < 0x7F && c != '/' && c != '%')) {
            throw new PortException("'" + name + "' is no interface name; use 1 to 15 ASCII characters without spaces,"
                    + " '/' and '%', for instance tap0");
        }
        this.name = name;
    }

    /** An {@code ifreq} for this interface, otherwise zero. */
    MemorySegment request(final Arena arena) {
        final MemorySegment request = arena.allocate(IFREQ_SIZE, Long.BYTES);
        request.setString(0, name);
        return request;
    }

    /** Whether there is such an interface. */
    boolean exists() {
        return flags() >= 0;
    }

    /** Whether it is up and has a carrier. */
    boolean linkUp() {
        final int flags = flags();
        return flags >= 0 && (flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
    }

    int mtu() {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, SIOCGIFMTU, "read the MTU").get(ValueLayout.JAVA_INT, IFREQ_VALUE);
        }
    }

    /** The kernel's own MAC address on this interface. */
    long macAddress() {
        try (Arena arena = Arena.ofConfined()) {
            // struct sockaddr: a family of two bytes, then the address.
            return Net.u48(ask(arena, SIOCGIFHWADDR, "read the MAC address"), IFREQ_VALUE + 2L);
        }
    }

    /** Brings the interface up. */
    void up() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = ask(arena, SIOCGIFFLAGS, "read the flags");
            final short flags = request.get(ValueLayout.JAVA_SHORT, IFREQ_VALUE);
            request.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) (flags | IFF_UP));
            final int errno = ioctl(arena, SIOCSIFFLAGS, request);
            if (errno != 0) {
                throw failure("bring up", errno);
            }
        }
    }

    private int flags() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = request(arena);
            return ioctl(arena, SIOCGIFFLAGS, request) == 0
                    ? request.get(ValueLayout.JAVA_SHORT, IFREQ_VALUE) & 0xFFFF
                    : -1;
        }
    }

    private MemorySegment ask(final Arena arena, final long question, final String what) {
        final MemorySegment request = request(arena);
        final int errno = ioctl(arena, question, request);
        if (errno != 0) {
            throw failure(what, errno);
        }
        return request;
    }

    private PortException failure(final String what, final int errno) {
        return new PortException("cannot " + what + " of interface '" + name + "': " + Linux.words(errno)
                + "; see: ip link show " + name);
    }

    /** Asks through a socket of its own; returns 0 or the {@code errno}. */
    private static int ioctl(final Arena arena, final long question, final MemorySegment request) {
        final MemorySegment errno = arena.allocate(Linux.ERRNO);
        final int socket = Linux.socket(errno, Linux.AF_INET, Linux.SOCK_DGRAM | Linux.O_CLOEXEC);
        if (socket < 0) {
            return Linux.errno(errno);
        }
        try {
            return Linux.ioctl(errno, socket, question, request) == 0 ? 0 : Linux.errno(errno);
        } finally {
            Linux.close(socket);
        }
    }
}
