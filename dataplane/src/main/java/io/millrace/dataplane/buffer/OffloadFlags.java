package io.millrace.dataplane.buffer;

import java.lang.foreign.MemorySegment;

/**
 * Offload flags of a buffer ({@code RTE_MBUF_F_*} of DPDK 22.11), as {@link BufferHeader#offloadFlags} holds them: what a
 * device found out about a received packet, and what it is to do to one that is sent.
 *
 * <p>A packet that is sent with {@link #TX_TCP} or {@link #TX_UDP} has the folded sum of its pseudo header where its
 * checksum belongs, and the device adds the rest. The lengths of its headers are in {@link #lengths} and {@link
 * #transport}.
 *
 * <p>One with {@link #TX_SEGMENT} is a TCP segment that is longer than the path takes, mostly a {@link BufferChain}.
 * Its IP header has the length and checksum of the whole, and the sum of its pseudo header is made as if its segment
 * had no length ({@code rte_ipv4_phdr_cksum}); the device gives each segment its own lengths, sequence number and
 * checksums, PSH and FIN to the last one only and CWR to the first.
 */
public final class OffloadFlags {
    /** Received: the TCP or UDP checksum was found wrong, unless {@link #RX_L4_GOOD} is set too. */
    public static final long RX_L4_BAD = 1L << 3;

    /** Received: the IPv4 header checksum was found wrong, unless {@link #RX_IP_GOOD} is set too. */
    public static final long RX_IP_BAD = 1L << 4;

    /** Received: the IPv4 header is intact: its checksum is right, or not filled in by a sender next door. */
    public static final long RX_IP_GOOD = 1L << 7;

    /** Received: the TCP or UDP segment is intact: its checksum is right, or not filled in by a sender next door. */
    public static final long RX_L4_GOOD = 1L << 8;

    /** Sent: cut the packet, which is TCP, into segments of {@link #segmentSize} bytes; implies {@link #TX_TCP}. */
    public static final long TX_SEGMENT = 1L << 50;

    /**
     * Sent: somebody wants to hear when the port takes it ({@code RTE_MBUF_F_TX_IEEE1588_TMST}); {@link #watch} tells
     * who. Not seen by ports.
     */
    public static final long TX_WATCHED = 1L << 51;

    /** Sent: complete the TCP checksum. */
    public static final long TX_TCP = 1L << 52;

    /** Sent: complete the UDP checksum. */
    public static final long TX_UDP = 3L << 52;

    /** The bits that tell {@link #TX_TCP} from {@link #TX_UDP} from neither. */
    public static final long TX_L4_MASK = 3L << 52;

    /** Sent: write the checksum of the IPv4 header. */
    public static final long TX_IP_CHECKSUM = 1L << 54;

    /** Sent: the packet is IPv4. */
    public static final long TX_IPV4 = 1L << 55;

    /** Sent: the packet is IPv6. */
    public static final long TX_IPV6 = 1L << 56;

    private static final int L3_SHIFT = 7;
    private static final int L4_SHIFT = 16;
    private static final int SIZE_SHIFT = 24;
    private static final int OUTER_SHIFT = 40;
    private static final long NETWORK_MASK = (1L << L4_SHIFT) - 1;

    private OffloadFlags() {}

    /** What is to be done to a packet's checksum: {@link #TX_TCP}, {@link #TX_UDP} or 0. */
    public static long pending(final MemorySegment memory, final long handle) {
        return BufferHeader.offloadFlags(memory, handle) & TX_L4_MASK;
    }

    /**
     * Sets the lengths of the headers in front of the transport header of a packet that is sent.
     *
     * @param link bytes of the link header, tags included, at most 127
     * @param ip bytes of the IP header with options or extension headers, at most 511
     */
    public static void lengths(final MemorySegment memory, final long handle, final int link, final int ip) {
        final long transport = BufferHeader.transmitOffload(memory, handle) & ~NETWORK_MASK;
        BufferHeader.transmitOffload(memory, handle, transport | link | (long) ip << L3_SHIFT);
    }

    /**
     * Sets what those below need to know of the transport layer.
     *
     * @param header bytes of the transport header, at most 255
     * @param segment bytes of payload in each segment of a packet with {@link #TX_SEGMENT}, at most 65,535; else 0
     */
    public static void transport(final MemorySegment memory, final long handle, final int header, final int segment) {
        final long network = BufferHeader.transmitOffload(memory, handle) & NETWORK_MASK;
        BufferHeader.transmitOffload(
                memory, handle, network | (long) header << L4_SHIFT | (long) segment << SIZE_SHIFT);
    }

    /** Bytes of the link header that {@link #lengths} set. */
    public static int linkLength(final MemorySegment memory, final long handle) {
        return field(memory, handle, 0, L3_SHIFT);
    }

    /** Bytes of the IP header that {@link #lengths} set. */
    public static int ipLength(final MemorySegment memory, final long handle) {
        return field(memory, handle, L3_SHIFT, L4_SHIFT);
    }

    /** Bytes of the transport header that {@link #transport} set. */
    public static int transportLength(final MemorySegment memory, final long handle) {
        return field(memory, handle, L4_SHIFT, SIZE_SHIFT);
    }

    /** Bytes of payload in each segment that {@link #transport} set. */
    public static int segmentSize(final MemorySegment memory, final long handle) {
        return field(memory, handle, SIZE_SHIFT, OUTER_SHIFT);
    }

    /** Marks a packet to be sent with {@link #TX_WATCHED} and a number, which lies where a received one has its RSS hash. */
    public static void watch(final MemorySegment memory, final long handle, final int number) {
        BufferHeader.offloadFlags(memory, handle, BufferHeader.offloadFlags(memory, handle) | TX_WATCHED);
        BufferHeader.rssHash(memory, handle, number);
    }

    /** The number that {@link #watch} gave a packet that has {@link #TX_WATCHED}. */
    public static int watchNumber(final MemorySegment memory, final long handle) {
        return BufferHeader.rssHash(memory, handle);
    }

    /** Takes {@link #TX_WATCHED} from a packet. */
    public static void unwatch(final MemorySegment memory, final long handle) {
        BufferHeader.offloadFlags(memory, handle, BufferHeader.offloadFlags(memory, handle) & ~TX_WATCHED);
    }

    /** Whether a packet to be sent has {@link #TX_WATCHED}. */
    public static boolean isWatched(final MemorySegment memory, final long handle) {
        return (BufferHeader.offloadFlags(memory, handle) & TX_WATCHED) != 0;
    }

    private static int field(final MemorySegment memory, final long handle, final int from, final int to) {
        return (int) ((BufferHeader.transmitOffload(memory, handle) >>> from) & ((1L << (to - from)) - 1));
    }
}
