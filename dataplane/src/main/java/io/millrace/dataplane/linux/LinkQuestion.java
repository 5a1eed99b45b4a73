package io.millrace.dataplane.linux;

import io.millrace.dataplane.port.LinkState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Asks the kernel by RTNETLINK for an interface's flags and how often it has lost its carrier, both of one moment. It is
 * the kernel's count that does not miss a link that goes down and comes up again at once: of that it sends no message to who
 * watches, for those are sent once a second when there are many.
 */
final class LinkQuestion {
    /** {@code struct ifinfomsg}: family 8, padding 8, type 16, index 32, flags 32, change 32. */
    private static final int BODY = 16;

    private static final int FLAGS = RouteMessages.HEADER + 8;

    private static final int RTEXT_FILTER_SKIP_STATS = 8;

    private static final int IFF_UP = 0x1;
    private static final int IFF_RUNNING = 0x40;
    private static final int IFF_LOWER_UP = 0x10000;

    /** All three: the kernel is late with IFF_RUNNING, and IFF_LOWER_UP is not all of it. */
    private static final int UP = IFF_UP | IFF_RUNNING | IFF_LOWER_UP;

    private static final int BUFFER = 16 << 10;
    private static final int NAME_SIZE = 16;

    private LinkQuestion() {}

    /** The link of an interface; down and uncounted if there is no such interface. */
    static LinkState ask(final String device) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment errno = arena.allocate(Linux.ERRNO);
            final int fd = Linux.socket(
                    errno, Linux.AF_NETLINK, Linux.SOCK_RAW | Linux.O_CLOEXEC | Linux.O_NONBLOCK); // NETLINK_ROUTE is 0
            if (fd < 0) {
                return LinkState.of(false);
            }
            try {
                final MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
                final int length = request(buffer, device);
                if (Linux.write(errno, fd, buffer.address(), length) < 0) {
                    return LinkState.of(false);
                }
                return read(buffer, Linux.read(errno, fd, buffer.address(), BUFFER)); // the answer is there already
            } finally {
                Linux.close(fd);
            }
        }
    }

    private static int request(final MemorySegment buffer, final String device) {
        final int name = RouteMessages.HEADER + BODY;
        RouteMessages.put16(buffer, name, RouteMessages.ATTRIBUTE + NAME_SIZE);
        RouteMessages.put16(buffer, name + 2, RouteMessages.LINK_NAME);
        buffer.setString(name + RouteMessages.ATTRIBUTE, device); // NetDevice has checked its length
        final int mask = name + RouteMessages.ATTRIBUTE + NAME_SIZE;
        RouteMessages.put16(buffer, mask, RouteMessages.ATTRIBUTE + Integer.BYTES);
        RouteMessages.put16(buffer, mask + 2, RouteMessages.LINK_MASK);
        RouteMessages.put32(buffer, mask + RouteMessages.ATTRIBUTE, RTEXT_FILTER_SKIP_STATS);
        final int length = mask + RouteMessages.ATTRIBUTE + Integer.BYTES;
        RouteMessages.put32(buffer, 0, length);
        RouteMessages.put16(buffer, 4, RouteMessages.GET_LINK);
        RouteMessages.put16(buffer, RouteMessages.FLAGS_OFFSET, RouteMessages.REQUEST);
        return length;
    }

    private static LinkState read(final MemorySegment buffer, final long length) {
        if (length < RouteMessages.HEADER + BODY || RouteMessages.u16(buffer, 4) != RouteMessages.NEW_LINK) {
            return LinkState.of(false);
        }
        final boolean up = (RouteMessages.u32(buffer, FLAGS) & UP) == UP;
        final int end = (int) Math.min(length, Integer.toUnsignedLong(RouteMessages.u32(buffer, 0)));
        return new LinkState(up, RouteAttributes.ofLink(buffer, RouteMessages.HEADER + BODY, end).carrierDowns);
    }
}
