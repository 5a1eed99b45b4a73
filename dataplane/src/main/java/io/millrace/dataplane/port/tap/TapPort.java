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
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A Linux TAP interface (Ethernet frames) or TUN interface (IP packets), with the kernel's network stack at its other
 * end. The kernel computes all checksums of what it sends, and checks those of what it gets.
 *
 * <p>Opened {@linkplain #openSegmenting to cut TCP segments}, it passes long ones on to the kernel in one piece, and
 * leaves their checksums out: the kernel cuts them only where they leave the host, as with its own.
 *
 * <p>An interface that exists is attached to, which its owner may do ({@code ip tuntap add dev tap0 mode tap user NAME}).
 * One that does not is made and brought up, for which {@code CAP_NET_ADMIN} is needed, and disappears with the port.
 *
 * <p>A TAP interface's MAC address belongs to the kernel's end; this end takes another one, derived from it.
 */
public final class TapPort implements Port {
    private static final String DEVICE = "/dev/net/tun";
    private static final long TUNSETIFF = 0x4004_54CAL;
    private static final long TUNSETOFFLOAD = 0x4004_54D0L;

    /** TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6, TUN_F_TSO_ECN: what the kernel may leave to this end. */
    private static final int LEFT_TO_US = 0xF;

    private static final int IFF_TUN = 0x0001;
    private static final int IFF_TAP = 0x0002;
    private static final int IFF_MULTI_QUEUE = 0x0100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final long LOCALLY_ADMINISTERED = 0x0200_0000_0000L;
    private static final long LOW_40_BITS = 0xFF_FFFF_FFFFL;
    private static final int VLAN_TAG = 4;
    private static final int MAX_QUEUES = 256;
    private static final int CLOSED = -1;

    /** What the kernel does behind the header in front of each packet. */
    private static final PortOffloads SEGMENTING = new PortOffloads(
            false,
            true,
            new Segmentation(true, true, Segmentation.NO_LIMIT, TapQueue.MOST_VECTORS - 1, Segmentation.NO_LIMIT));

    private final NetDevice device;
    private final PortInfo info;
    private final PacketPool pool;
    private final int[] descriptors;
    private final @Nullable TapQueue[] queues;

    private TapPort(final NetDevice device, final PortInfo info, final PacketPool pool, final int[] descriptors) {
        this.device = device;
        this.info = info;
        this.pool = pool;
        this.descriptors = descriptors;
        this.queues = new TapQueue[descriptors.length];
    }

    /**
     * Opens an interface of this thread's network namespace.
     *
     * @param name of the interface, 1 to 15 characters
     * @param medium {@link Medium#ETHERNET} for TAP, {@link Medium#IP} for TUN
     * @param pool for received packets; its packets must hold the interface's MTU
     * @param queues number of queues, 1 to 256; the kernel spreads flows over them
     * @throws PortException if it cannot be opened, with the reason and what to do about it
     */
    public static TapPort open(final String name, final Medium medium, final PacketPool pool, final int queues) {
        return open(name, medium, pool, queues, false);
    }

    /**
     * Opens an interface as {@link #open(String, Medium, PacketPool, int)} does, which takes long TCP segments and
     * unfinished checksums. The kernel may leave to us what we leave to it: segments that are received long are cut, and
     * checksums completed, before anyone sees them.
     */
    public static TapPort openSegmenting(
            final String name, final Medium medium, final PacketPool pool, final int queues) {
        return open(name, medium, pool, queues, true);
    }

    private static TapPort open(
            final String name, final Medium medium, final PacketPool pool, final int queues, final boolean vnet) {
        if (queues < 1 || queues > MAX_QUEUES) {
            throw new PortException(
                    kind(medium) + " interface '" + name + "' with " + queues + " queues; use 1 to 256");
        }
        final NetDevice device = new NetDevice(name);
        final boolean existed = device.exists();
        final int[] descriptors = new int[queues];
        Arrays.fill(descriptors, CLOSED);
        try {
            for (int i = 0; i < queues; i++) {
                descriptors[i] = attach(device, name, medium, queues > 1, existed, vnet);
            }
            if (!existed) {
                device.up();
            }
            final PortInfo info = describe(device, name, medium, queues, vnet);
            checkRoom(info, pool);
            return new TapPort(device, info, pool, descriptors);
        } catch (final RuntimeException | Error e) {
            closeAll(descriptors);
            throw e;
        }
    }

    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(final int index, final PoolCache cache) {
        final boolean free =
                index >= 0 && index < queues.length && queues[index] == null && descriptors[index] != CLOSED;
        info.checkQueue(index, free, pool, cache);
        final TapQueue queue = TapQueue.ofFile(
                descriptors[index],
                cache,
                info.medium(),
                info.offloads().segmentation().any());
        queues[index] = queue;
        return queue;
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
        PortStats stats = PortStats.ZERO;
        for (final TapQueue queue : queues) {
            if (queue != null) {
                stats = stats.plus(queue.counters());
            }
        }
        return stats;
    }

    @Override
    public void close() {
        for (int i = 0; i < queues.length; i++) {
            final TapQueue queue = queues[i];
            if (queue != null && descriptors[i] != CLOSED) {
                queue.close();
                descriptors[i] = CLOSED;
            }
        }
        closeAll(descriptors);
    }

    private static void closeAll(final int[] descriptors) {
        for (int i = 0; i < descriptors.length; i++) {
            if (descriptors[i] != CLOSED) {
                Linux.close(descriptors[i]);
                descriptors[i] = CLOSED;
            }
        }
    }

    private static String kind(final Medium medium) {
        return medium == Medium.ETHERNET ? "TAP" : "TUN";
    }

    private static PortInfo describe(
            final NetDevice device, final String name, final Medium medium, final int queues, final boolean vnet) {
        final boolean ethernet = medium == Medium.ETHERNET;
        final long mac = ethernet ? LOCALLY_ADMINISTERED | ((device.macAddress() ^ 1) & LOW_40_BITS) : 0;
        return new PortInfo(
                name,
                ethernet ? "tap" : "tun",
                medium,
                mac,
                device.mtu(),
                queues,
                vnet ? SEGMENTING : PortOffloads.NONE);
    }

    private static void checkRoom(final PortInfo info, final PacketPool pool) {
        final int header = info.medium() == Medium.ETHERNET ? info.medium().headerLength() + VLAN_TAG : 0;
        final int room = pool.dataRoom() - pool.headroom();
        if (room < info.mtu() + header) {
            throw new PortException("interface '" + info.name() + "' has an MTU of " + info.mtu()
                    + ", but packet buffers hold " + room + " bytes; lower it: ip link set " + info.name() + " mtu "
                    + (room - header));
        }
    }

    /** Opens one descriptor and attaches it to the interface, which Linux makes if there is none. */
    private static int attach(
            final NetDevice device,
            final String name,
            final Medium medium,
            final boolean multiQueue,
            final boolean existed,
            final boolean vnet) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment errno = arena.allocate(Linux.ERRNO);
            final int fd =
                    Linux.open(errno, arena.allocateFrom(DEVICE), Linux.O_RDWR | Linux.O_NONBLOCK | Linux.O_CLOEXEC);
            if (fd < 0) {
                throw openFailure(Linux.errno(errno));
            }
            final MemorySegment request = device.request(arena);
            final int flags = (medium == Medium.ETHERNET ? IFF_TAP : IFF_TUN) | IFF_NO_PI | (vnet ? IFF_VNET_HDR : 0);
            int failure = setInterface(errno, fd, request, multiQueue ? flags | IFF_MULTI_QUEUE : flags);
            if (failure == Linux.EINVAL && existed && !multiQueue) {
                // An interface that was made for many queues wants to hear of it even from one.
                failure = setInterface(errno, fd, request, flags | IFF_MULTI_QUEUE);
            }
            if (failure != 0) {
                Linux.close(fd);
                throw attachFailure(name, medium, multiQueue, existed, failure);
            }
            final MemorySegment left = MemorySegment.ofAddress(LEFT_TO_US); // a number, not a place
            if (vnet && Linux.ioctl(errno, fd, TUNSETOFFLOAD, left) != 0) {
                Linux.close(fd);
                throw new PortException("interface '" + name + "' does not leave segments to us: "
                        + Linux.words(Linux.errno(errno)) + "; do without --segmentation device");
            }
            return fd;
        }
    }

    private static int setInterface(
            final MemorySegment errno, final int fd, final MemorySegment request, final int flags) {
        request.set(ValueLayout.JAVA_SHORT, NetDevice.IFREQ_VALUE, (short) flags);
        return Linux.ioctl(errno, fd, TUNSETIFF, request) == 0 ? 0 : Linux.errno(errno);
    }

    private static PortException openFailure(final int errno) {
        return new PortException(
                switch (errno) {
                    case Linux.ENOENT, Linux.ENODEV, Linux.ENXIO ->
                        "there is no " + DEVICE + "; load the kernel's module: sudo modprobe tun";
                    case Linux.EACCES, Linux.EPERM ->
                        "no permission to open " + DEVICE + "; run with sudo, or: sudo chmod 666 " + DEVICE;
                    default -> "cannot open " + DEVICE + ": " + Linux.words(errno);
                });
    }

    private static PortException attachFailure(
            final String name, final Medium medium, final boolean multiQueue, final boolean existed, final int errno) {
        final String what = kind(medium) + " interface '" + name + "'";
        final String make = "sudo ip tuntap add dev " + name + " mode "
                + (medium == Medium.ETHERNET ? "tap" : "tun") + (multiQueue ? " multi_queue" : "") + " user $USER"
                + " && sudo ip link set " + name + " up";
        return new PortException(
                switch (errno) {
                    case Linux.EPERM, Linux.EACCES ->
                        existed
                                ? what
                                        + " belongs to another user; run with sudo, or make one of your own under"
                                        + " another name"
                                : what + " does not exist, and making it needs CAP_NET_ADMIN; make it: " + make;
                    case Linux.EBUSY -> what + " is in use by another program; stop that one, or choose another name";
                    case Linux.EINVAL ->
                        multiQueue
                                ? what + " is of another kind or has one queue; make it anew under another name: "
                                        + make
                                : "interface '" + name + "' exists and is no " + kind(medium)
                                        + " interface; choose another name";
                    default -> "cannot attach to " + what + ": " + Linux.words(errno);
                });
    }
}
