package io.millrace.dataplane.buffer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The header in front of every packet buffer: the layout of DPDK 22.11's {@code struct rte_mbuf} (128 bytes, host byte
 * order), which pools that are not DPDK's use too. All methods are static and take the pool's memory and a handle, the
 * offset of the header within it.
 *
 * <pre>
 *  handle                    handle + dataRoomOffset
 *    |                         |
 *    +--------------+----------+----------+----------------+----------+
 *    | header (128) | private  | headroom |  packet data   | tailroom |
 *    +--------------+----------+----------+----------------+----------+
 *                              |&lt;-dataOff-&gt;|&lt;-- length ----&gt;|
 *                              |&lt;------------ bufferLength ----------&gt;|
 * </pre>
 *
 * <p>The offsets are compared with the installed headers by a test of {@code panama-bindings}.
 */
public final class BufferHeader {
    /** Bytes of the header. */
    public static final int SIZE = 128;

    /** Absolute address of the data room, 8 bytes. */
    public static final int BUF_ADDR_OFFSET = 0;

    /** Bytes from the start of the data room to the first byte of the packet, 2 bytes. */
    public static final int DATA_OFF_OFFSET = 16;

    /** Reference count, 2 bytes; always 1 for a buffer that Millrace owns. */
    public static final int REFCNT_OFFSET = 18;

    /** Buffers of the packet, 2 bytes; 1 for every packet but a large send, see {@link BufferChain}. */
    public static final int NB_SEGS_OFFSET = 20;

    /** Port the packet came in by, 2 bytes. */
    public static final int PORT_OFFSET = 22;

    /** Offload flags ({@code RTE_MBUF_F_*}), 8 bytes. */
    public static final int OL_FLAGS_OFFSET = 24;

    /** Packet type as parsed by the driver, 4 bytes. */
    public static final int PACKET_TYPE_OFFSET = 32;

    /** Bytes of the whole packet, 4 bytes. */
    public static final int PKT_LEN_OFFSET = 36;

    /** Bytes of the packet in this buffer, 2 bytes; equals {@code pkt_len} with one segment. */
    public static final int DATA_LEN_OFFSET = 40;

    /** VLAN tag control information that the driver stripped, 2 bytes. */
    public static final int VLAN_TCI_OFFSET = 42;

    /** RSS hash, 4 bytes, valid if the offload flags say so. */
    public static final int RSS_HASH_OFFSET = 44;

    /** Bytes of the data room, 2 bytes. */
    public static final int BUF_LEN_OFFSET = 54;

    /** Address of the next segment of the packet, 8 bytes; 0 with one segment. */
    public static final int NEXT_OFFSET = 64;

    /** Header lengths for transmit offloads, 8 bytes. */
    public static final int TX_OFFLOAD_OFFSET = 72;

    /**
     * Port number of an empty packet that Millrace allocated. DPDK's own functions write {@code 0xFFFF}, so that a buffer
     * tells who took it from the pool.
     */
    public static final int OWN_PORT = 0xFFFE;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private BufferHeader() {}

    /** Bytes from the start of the data room to the packet's first byte. */
    public static int dataOff(final MemorySegment memory, final long handle) {
        return memory.get(U16, handle + DATA_OFF_OFFSET) & 0xFFFF;
    }

    /** Sets where the packet begins within the data room. */
    public static void dataOff(final MemorySegment memory, final long handle, final int value) {
        memory.set(U16, handle + DATA_OFF_OFFSET, (short) value);
    }

    /** Bytes of the packet that are in this buffer, 0 to 65,535: all of them, unless it is a {@link BufferChain}. */
    public static int length(final MemorySegment memory, final long handle) {
        return memory.get(U16, handle + DATA_LEN_OFFSET) & 0xFFFF;
    }

    /** Sets the bytes of the packet, in both fields that hold them. */
    public static void length(final MemorySegment memory, final long handle, final int value) {
        memory.set(U16, handle + DATA_LEN_OFFSET, (short) value);
        memory.set(U32, handle + PKT_LEN_OFFSET, value);
    }

    /** Bytes of the packet in all its buffers. */
    public static int packetLength(final MemorySegment memory, final long handle) {
        return memory.get(U32, handle + PKT_LEN_OFFSET);
    }

    /** Sets the bytes of the packet in all its buffers, and leaves alone those in this one. */
    static void packetLength(final MemorySegment memory, final long handle, final int value) {
        memory.set(U32, handle + PKT_LEN_OFFSET, value);
    }

    /**
     * Lets the packet begin {@code bytes} earlier, over its headroom.
     *
     * @return {@link #dataOff} from now on; -1 if the headroom does not suffice, and then nothing has changed
     */
    public static int prepend(final MemorySegment memory, final long handle, final int bytes) {
        final int begin = dataOff(memory, handle) - bytes;
        if (begin < 0) {
            return -1;
        }
        memory.set(U16, handle + DATA_OFF_OFFSET, (short) begin);
        // data_len, which the data room bounds, lies behind pkt_len: neither sum carries.
        final long lengths = memory.get(U64, handle + PKT_LEN_OFFSET);
        memory.set(U64, handle + PKT_LEN_OFFSET, lengths + ((long) bytes << 32 | bytes));
        return begin;
    }

    /** Buffers that the packet consists of, 1 to 65,535. */
    public static int buffers(final MemorySegment memory, final long handle) {
        return memory.get(U16, handle + NB_SEGS_OFFSET) & 0xFFFF;
    }

    /** Sets the buffers that the packet consists of. */
    static void buffers(final MemorySegment memory, final long handle, final int value) {
        memory.set(U16, handle + NB_SEGS_OFFSET, (short) value);
    }

    /** Absolute address of the header of the packet's next buffer; 0 if this is the last. */
    static long next(final MemorySegment memory, final long handle) {
        return memory.get(U64, handle + NEXT_OFFSET);
    }

    /** Sets the address of the next buffer. */
    static void next(final MemorySegment memory, final long handle, final long address) {
        memory.set(U64, handle + NEXT_OFFSET, address);
    }

    /** Bytes of the data room. */
    public static int bufferLength(final MemorySegment memory, final long handle) {
        return memory.get(U16, handle + BUF_LEN_OFFSET) & 0xFFFF;
    }

    /** Offload flags, {@code RTE_MBUF_F_*}. */
    public static long offloadFlags(final MemorySegment memory, final long handle) {
        return memory.get(U64, handle + OL_FLAGS_OFFSET);
    }

    /** Sets the offload flags. */
    public static void offloadFlags(final MemorySegment memory, final long handle, final long value) {
        memory.set(U64, handle + OL_FLAGS_OFFSET, value);
    }

    /** Header lengths for transmit offloads, as {@link OffloadFlags#lengths} sets them. */
    static long transmitOffload(final MemorySegment memory, final long handle) {
        return memory.get(U64, handle + TX_OFFLOAD_OFFSET);
    }

    /** Sets the header lengths for transmit offloads. */
    static void transmitOffload(final MemorySegment memory, final long handle, final long value) {
        memory.set(U64, handle + TX_OFFLOAD_OFFSET, value);
    }

    /** RSS hash that the driver computed. */
    public static int rssHash(final MemorySegment memory, final long handle) {
        return memory.get(U32, handle + RSS_HASH_OFFSET);
    }

    /** Sets the field of the RSS hash. */
    static void rssHash(final MemorySegment memory, final long handle, final int value) {
        memory.set(U32, handle + RSS_HASH_OFFSET, value);
    }

    /** Number of the port that the packet came in by, or who took the buffer from the pool. */
    public static int port(final MemorySegment memory, final long handle) {
        return memory.get(U16, handle + PORT_OFFSET) & 0xFFFF;
    }

    /** Sets the number of the port. */
    public static void port(final MemorySegment memory, final long handle, final int value) {
        memory.set(U16, handle + PORT_OFFSET, (short) value);
    }

    /**
     * Makes the buffer an empty packet of one segment that begins behind the headroom, as {@code rte_pktmbuf_reset} does
     * but for the port, which is {@link #OWN_PORT}.
     */
    public static void reset(final MemorySegment memory, final long handle, final int headroom) {
        // refcnt = 1, nb_segs = 1 and port share the word with data_off.
        memory.set(U64, handle + DATA_OFF_OFFSET, (long) OWN_PORT << 48 | 0x0001_0001_0000L | (headroom & 0xFFFFL));
        memory.set(U64, handle + OL_FLAGS_OFFSET, 0L);
        memory.set(U64, handle + PACKET_TYPE_OFFSET, 0L); // packet_type and pkt_len
        memory.set(U32, handle + DATA_LEN_OFFSET, 0); // data_len and vlan_tci
        memory.set(U64, handle + NEXT_OFFSET, 0L);
        memory.set(U64, handle + TX_OFFLOAD_OFFSET, 0L);
    }
}
