package io.millrace.dataplane.linux;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.LinkState;
import io.millrace.dataplane.port.PortException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What Linux says of a network interface, asked through {@code ioctl} so that it is the interface of this thread's
 * network namespace, whatever {@code /sys} shows. Linux on x86-64 and AArch64.
 */
public final class NetDevice {
    /** Bytes of {@code struct ifreq}: the name, and a union of 24 bytes. */
    public static final int IFREQ_SIZE = 40;

    /** Offset of the union. */
    public static final int IFREQ_VALUE = 16;

    private static final int NAME_SIZE = 16;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCSIFHWADDR = 0x8924;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final int IFF_UP = 0x1;
    private static final int IFF_RUNNING = 0x40;

    private final String name;

    /**
     * Makes one.
     *
     * @param name of an interface that need not be there
     * @throws PortException if nothing can have such a name
     */
    public NetDevice(final String name) {
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
    public MemorySegment request(final Arena arena) {
        final MemorySegment request = arena.allocate(IFREQ_SIZE, Long.BYTES);
        request.setString(0, name);
        return request;
    }

    /** Whether there is such an interface. */
    public boolean exists() {
        return flags() >= 0;
    }

    /** Whether it is up and has a carrier. */
    public boolean linkUp() {
        final int flags = flags();
        return flags >= 0 && (flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
    }

    /** Its link, and how often that has lost its carrier; down and not counted if there is no such interface. */
    public LinkState link() {
        return LinkQuestion.ask(name);
    }

    /** Its MTU in bytes. */
    public int mtu() {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, SIOCGIFMTU, "read the MTU").get(ValueLayout.JAVA_INT, IFREQ_VALUE);
        }
    }

    /** The kernel's own MAC address on this interface. */
    public long macAddress() {
        try (Arena arena = Arena.ofConfined()) {
            // struct sockaddr: a family of two bytes, then the address.
            return Net.u48(ask(arena, SIOCGIFHWADDR, "read the MAC address"), IFREQ_VALUE + 2L);
        }
    }

    /** The number that the kernel knows it by. */
    public int index() {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, SIOCGIFINDEX, "read the index").get(ValueLayout.JAVA_INT, IFREQ_VALUE);
        }
    }

    /** Sets the kernel's MAC address on this interface. */
    public void macAddress(final long mac) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = ask(arena, SIOCGIFHWADDR, "read the MAC address"); // for the family
            Net.put48(request, IFREQ_VALUE + 2L, mac);
            tell(arena, SIOCSIFHWADDR, request, "set the MAC address");
        }
    }

    /** Sets the MTU in bytes. */
    public void mtu(final int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = request(arena);
            request.set(ValueLayout.JAVA_INT, IFREQ_VALUE, bytes);
            tell(arena, SIOCSIFMTU, request, "set the MTU");
        }
    }

    /** Brings the interface up. */
    public void up() {
        flags(IFF_UP, IFF_UP, "bring up");
    }

    /** Takes the interface down. */
    public void down() {
        flags(IFF_UP, 0, "take down");
    }

    private void flags(final int mask, final int wanted, final String what) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = ask(arena, SIOCGIFFLAGS, "read the flags");
            final short flags = request.get(ValueLayout.JAVA_SHORT, IFREQ_VALUE);
            request.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) ((flags & ~mask) | wanted));
            tell(arena, SIOCSIFFLAGS, request, what);
        }
    }

    private void tell(final Arena arena, final long what, final MemorySegment request, final String words) {
        final int errno = ioctl(arena, what, request);
        if (errno != 0) {
            throw failure(words, errno);
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
