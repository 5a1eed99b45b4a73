package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * The TCP header in place (RFC 9293 section 3.1). All methods take the memory and the offset of the header's first byte;
 * the caller has checked that {@link #MIN_LENGTH} bytes are there.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Source port          |       Destination port        |
 * +-------------------------------+-------------------------------+
 * |                        Sequence number                        |
 * +---------------------------------------------------------------+
 * |                     Acknowledgment number                     |
 * +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 * | Data  |     |A|C|E|U|A|P|R|S|F|                               |
 * | offset|Rsrvd|E|W|C|R|C|S|S|Y|I|            Window             |
 * |       |     | |R|E|G|K|H|T|N|N|                               |
 * +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 * |           Checksum            |        Urgent pointer         |
 * +-------------------------------+-------------------------------+
 * |                      Options, 0 to 40 bytes                   |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class TcpView {
    /** IANA protocol number of TCP. */
    public static final int PROTOCOL = 6;

    /** Bytes of a header without options. */
    public static final int MIN_LENGTH = 20;

    /** Bytes of a header with as many options as fit. */
    public static final int MAX_LENGTH = 60;

    /** Source port, 2 bytes. */
    public static final int SRC_PORT_OFFSET = 0;

    /** Destination port, 2 bytes. */
    public static final int DST_PORT_OFFSET = 2;

    /** Sequence number, 4 bytes. */
    public static final int SEQ_OFFSET = 4;

    /** Acknowledgment number, 4 bytes. */
    public static final int ACK_OFFSET = 8;

    /** Data offset in the upper 4 bits, then 3 reserved bits and the flags, 2 bytes. */
    public static final int DATA_OFFSET_FLAGS_OFFSET = 12;

    /** Window, unscaled, 2 bytes. */
    public static final int WINDOW_OFFSET = 14;

    /** Checksum, 2 bytes. */
    public static final int CHECKSUM_OFFSET = 16;

    /** Urgent pointer, 2 bytes. */
    public static final int URGENT_OFFSET = 18;

    /** No more data from the sender. */
    public static final int FIN = 0x01;
    /** Synchronize sequence numbers. */
    public static final int SYN = 0x02;
    /** Reset the connection. */
    public static final int RST = 0x04;
    /** Push. */
    public static final int PSH = 0x08;
    /** The acknowledgment number is valid. */
    public static final int ACK = 0x10;
    /** The urgent pointer is valid. */
    public static final int URG = 0x20;
    /** ECN echo (RFC 3168). */
    public static final int ECE = 0x40;
    /** Congestion window reduced (RFC 3168). */
    public static final int CWR = 0x80;
    /** Accurate ECN, the highest of the three bits that it counts with (RFC 9768). */
    public static final int AE = 0x100;

    /** All flags. */
    public static final int FLAGS = 0x1FF;

    /** End of the option list. */
    public static final int OPTION_END = 0;
    /** One byte of padding. */
    public static final int OPTION_NOP = 1;
    /** Maximum segment size, 4 bytes. */
    public static final int OPTION_MSS = 2;
    /** Window scale, 3 bytes (RFC 7323). */
    public static final int OPTION_WINDOW_SCALE = 3;
    /** SACK permitted, 2 bytes (RFC 2018). */
    public static final int OPTION_SACK_PERMITTED = 4;
    /** SACK blocks, 2 bytes and 8 for each block (RFC 2018). */
    public static final int OPTION_SACK = 5;
    /** Timestamps, 10 bytes (RFC 7323). */
    public static final int OPTION_TIMESTAMPS = 8;
    /** MD5 signature, 18 bytes (RFC 2385). */
    public static final int OPTION_MD5 = 19;
    /** Authentication option, 4 bytes and the code, 16 in all (RFC 5925 section 2.2, RFC 5926). */
    public static final int OPTION_AO = 29;
    /** Fast Open, 2 bytes and 4 to 16 of a cookie or none (RFC 7413). */
    public static final int OPTION_FAST_OPEN = 34;
    /** Accurate ECN with the bytes of ECT(0) first, 2 bytes and 3 for each count (RFC 9768 section 3.2.3). */
    public static final int OPTION_ACCURATE_ECN_0 = 172;
    /** Accurate ECN with the bytes of ECT(1) first. */
    public static final int OPTION_ACCURATE_ECN_1 = 174;
    /** Shared by experiments, which are told apart by the two bytes behind the length (RFC 6994). */
    public static final int OPTION_EXPERIMENT = 254;

    private TcpView() {}

    /** Source port, 0 to 65,535. */
    public static int srcPort(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + SRC_PORT_OFFSET);
    }

    /** Destination port, 0 to 65,535. */
    public static int dstPort(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + DST_PORT_OFFSET);
    }

    /** Sequence number of the first byte, or of the SYN. */
    public static int seq(final MemorySegment memory, final long offset) {
        return Net.i32(memory, offset + SEQ_OFFSET);
    }

    /** Next sequence number that the sender expects. */
    public static int ack(final MemorySegment memory, final long offset) {
        return Net.i32(memory, offset + ACK_OFFSET);
    }

    /** Bytes of the header as it says itself, 0 to 60: unchecked. */
    public static int headerLength(final MemorySegment memory, final long offset) {
        return (Net.u8(memory, offset + DATA_OFFSET_FLAGS_OFFSET) >>> 4) << 2;
    }

    /** The nine flags. */
    public static int flags(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + DATA_OFFSET_FLAGS_OFFSET) & FLAGS;
    }

    /** Window as it stands in the header, not scaled. */
    public static int window(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + WINDOW_OFFSET);
    }

    /** Checksum. */
    public static int checksum(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + CHECKSUM_OFFSET);
    }

    /** Sets the checksum. */
    public static void checksum(final MemorySegment memory, final long offset, final int value) {
        Net.put16(memory, offset + CHECKSUM_OFFSET, value);
    }

    /**
     * Whether the checksum is right.
     *
     * @param ip addresses of the packet
     * @param length bytes of the segment, payload included
     */
    public static boolean verifies(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        return InternetChecksum.verifies(
                InternetChecksum.pseudoHeader(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, PROTOCOL, length)
                        + InternetChecksum.partial(memory, offset, length));
    }
}
