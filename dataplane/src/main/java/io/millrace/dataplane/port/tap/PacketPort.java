package io.millrace.dataplane.port.tap;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.linux.NetDevice;
import io.millrace.dataplane.port.LinkState;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortOffloads;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.port.Segmentation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A packet socket of Linux on an interface that is there, without DPDK. Long TCP segments go to the kernel in one piece,
 * which cuts them as it does its own, and hands them to the interface together; that is what its own TCP has over a
 * packet socket that sends each by itself. What the other end of a veth pair left to a device is done here, so it needs no
 * setting: checksums are completed, and long TCP segments cut, those too that the kernel has joined (GRO). What is long
 * and not TCP's is refused and counted as an error.
 *
 * <p>The kernel takes VLAN tags off what it shows to such a socket, so tagged frames are not received.
 *
 * <p>The interface must be up, and should have no address of the kernel's. Needs {@code CAP_NET_RAW}.
 */
public final class PacketPort implements Port {
    private static final int AF_PACKET = 17;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    /** Bytes that wait for us; the kernel allows less unless it was told otherwise. */
    private static final int RECEIVE_BUFFER = 4 << 20;

    private static final int SO_ATTACH_FILTER = 26;
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int RETURN = 0x06;

    /** {@code SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT}. */
    private static final long TAG_PRESENT = 0xFFFF_F030L;

    private static final int ETH_P_ALL = 3;
    private static final int ADDRESS_BYTES = 20;
    private static final int CLOSED = -1;
    private static final ValueLayout.OfShort U16_BIG = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private static final PortOffloads OFFLOADS = new PortOffloads(
            false,
            true,
            new Segmentation(true, true, Segmentation.NO_LIMIT, TapQueue.MOST_VECTORS - 1, Segmentation.NO_LIMIT));

    private final NetDevice device;
    private final PortInfo info;
    private final PacketPool pool;
    private int descriptor;
    private long missed;
    private @Nullable TapQueue queue;

    private PacketPort(final NetDevice device, final PortInfo info, final PacketPool pool, final int descriptor) {
        this.device = device;
        this.info = info;
        this.pool = pool;
        this.descriptor = descriptor;
    }

    /**
     * Opens a socket on an interface of this thread's network namespace.
     *
     * @param name of the interface
     * @param pool for received packets; its packets must hold the interface's MTU
     * @param segmenting whether it takes long TCP segments and unfinished checksums
     * @throws PortException if it cannot be opened, with the reason and what to do about it
     */
    public static PacketPort open(final String name, final PacketPool pool, final boolean segmenting) {
        final NetDevice device = new NetDevice(name);
        if (!device.exists()) {
            throw new PortException("there is no interface '" + name + "'; see: ip link");
        }
        final PortInfo info = new PortInfo(
                name,
                "packet",
                Medium.ETHERNET,
                device.macAddress(),
                device.mtu(),
                1,
                segmenting ? OFFLOADS : PortOffloads.NONE);
        final int room = pool.dataRoom() - pool.headroom();
        if (room < info.mtu() + Medium.ETHERNET.longestHeader()) {
            throw new PortException("interface '" + name + "' has an MTU of " + info.mtu()
                    + ", but packet buffers hold " + room + " bytes; lower it: ip link set " + name + " mtu "
                    + (room - Medium.ETHERNET.longestHeader()));
        }
        return new PacketPort(device, info, pool, socket(device, name));
    }

    private static int socket(final NetDevice device, final String name) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment errno = arena.allocate(Linux.ERRNO);
            final int fd = Linux.socket(errno, AF_PACKET, Linux.SOCK_RAW | Linux.O_NONBLOCK | Linux.O_CLOEXEC);
            if (fd < 0) {
                throw new PortException(
                        "no packet socket on '" + name + "': " + Linux.words(Linux.errno(errno)) + "; run with sudo");
            }
            final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
            final MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, RECEIVE_BUFFER);
            // struct packet_mreq: index, kind, length of an address; frames to other stations too, and to all groups
            final MemorySegment promiscuous = arena.allocate(16, Integer.BYTES);
            promiscuous.set(ValueLayout.JAVA_INT, 0, device.index());
            promiscuous.set(ValueLayout.JAVA_SHORT, 4, (short) 1);
            // struct sockaddr_ll: family, protocol, index
            final MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(U16_BIG, 2, (short) ETH_P_ALL);
            address.set(ValueLayout.JAVA_INT, 4, device.index());
            final boolean done = Linux.setsockopt(errno, fd, SOL_SOCKET, SO_ATTACH_FILTER, untagged(arena)) == 0
                    && Linux.setsockopt(errno, fd, SOL_PACKET, PACKET_VNET_HDR, one) == 0
                    && Linux.setsockopt(errno, fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, one) == 0
                    && Linux.setsockopt(errno, fd, SOL_SOCKET, SO_RCVBUF, size) == 0
                    && Linux.setsockopt(errno, fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous) == 0
                    && Linux.bind(errno, fd, address, ADDRESS_BYTES) == 0;
            if (!done) {
                final String words = Linux.words(Linux.errno(errno));
                Linux.close(fd);
                throw new PortException(
                        "cannot set up a packet socket on '" + name + "': " + words + "; see: ip link show " + name);
            }
            return fd;
        }
    }

    /** {@code struct sock_fprog}: lets those frames pass that had no VLAN tag. */
    private static MemorySegment untagged(final Arena arena) {
        final MemorySegment program = arena.allocateFrom(
                ValueLayout.JAVA_LONG,
                instruction(LOAD_WORD, 0, 0, TAG_PRESENT),
                instruction(JUMP_IF_EQUAL, 0, 1, 0),
                instruction(RETURN, 0, 0, 0xFFFF_FFFFL),
                instruction(RETURN, 0, 0, 0));
        final MemorySegment filter = arena.allocate(16, Long.BYTES);
        filter.set(ValueLayout.JAVA_SHORT, 0, (short) (program.byteSize() / Long.BYTES));
        filter.set(ValueLayout.ADDRESS, 8, program);
        return filter;
    }

    /** {@code struct sock_filter}, of a host of little endian. */
    private static long instruction(final int code, final int ifTrue, final int ifFalse, final long operand) {
        return code | (long) ifTrue << 16 | (long) ifFalse << 24 | operand << 32;
    }

    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(final int index, final PoolCache cache) {
        info.checkQueue(index, index == 0 && queue == null && descriptor != CLOSED, pool, cache);
        final TapQueue taken = TapQueue.ofSocket(descriptor, cache);
        queue = taken;
        return taken;
    }

    @Override
    public boolean linkUp() {
        return device.linkUp();
    }

    @Override
    public LinkState link() {
        return device.link();
    }

    @Override
    public PortStats stats() {
        final PortStats counted = queue == null ? PortStats.ZERO : PortStats.ZERO.plus(queue.counters());
        return counted.plusMissed(missed());
    }

    /** Frames that the kernel dropped since our buffer was full; it counts from 0 again whenever it is asked. */
    private synchronized long missed() {
        if (descriptor != CLOSED) {
            try (Arena arena = Arena.ofConfined()) {
                // struct tpacket_stats: frames, and those dropped among them
                final MemorySegment answer = arena.allocate(ValueLayout.JAVA_INT, 2);
                final MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, (int) answer.byteSize());
                final MemorySegment errno = arena.allocate(Linux.ERRNO);
                if (Linux.getsockopt(errno, descriptor, SOL_PACKET, PACKET_STATISTICS, answer, size) == 0) {
                    missed += answer.getAtIndex(ValueLayout.JAVA_INT, 1) & 0xFFFF_FFFFL;
                }
            }
        }
        return missed;
    }

    @Override
    public synchronized void close() {
        missed();
        if (descriptor != CLOSED) {
            if (queue == null) {
                Linux.close(descriptor);
            } else {
                queue.close();
            }
            descriptor = CLOSED;
        }
    }
}
