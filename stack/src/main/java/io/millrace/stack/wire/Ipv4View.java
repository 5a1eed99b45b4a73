package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * The IPv4 header in place (RFC 791). All methods take the memory and the offset of the header's first byte; the caller
 * has checked that {@link #MIN_LENGTH} bytes are there, with {@link #check} if they came from outside.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-------+-----------+---+-------------------------------+
 * |Version|  IHL  |   DSCP    |ECN|         Total length          |
 * +-------+-------+-----------+---+-+-+-+-------------------------+
 * |        Identification         |0|D|M|     Fragment offset     |
 * +---------------+---------------+-+-+-+-------------------------+
 * |  Time to live |   Protocol    |        Header checksum        |
 * +---------------+---------------+-------------------------------+
 * |                        Source address                         |
 * +---------------------------------------------------------------+
 * |                      Destination address                      |
 * +---------------------------------------------------------------+
 * |                      Options, 0 to 40 bytes                   |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv4View {
    /** Bytes of a header without options. */
    public static final int MIN_LENGTH = 20;

    /** Every host takes datagrams of this many bytes (RFC 791 section 3.1, RFC 1122 section 3.3.2). */
    public static final int MIN_REASSEMBLY = 576;

    /** Version and header length in 32-bit words, 4 bits each. */
    public static final int VERSION_IHL_OFFSET = 0;

    /** DSCP and ECN, 1 byte. */
    public static final int TRAFFIC_CLASS_OFFSET = 1;

    /** Bytes of header and payload, 2 bytes. */
    public static final int TOTAL_LENGTH_OFFSET = 2;

    /** Identification, 2 bytes. */
    public static final int ID_OFFSET = 4;

    /** Flags and fragment offset, 2 bytes. */
    public static final int FLAGS_OFFSET = 6;

    /** Time to live, 1 byte. */
    public static final int TTL_OFFSET = 8;

    /** Protocol, 1 byte. */
    public static final int PROTOCOL_OFFSET = 9;

    /** Header checksum, 2 bytes. */
    public static final int CHECKSUM_OFFSET = 10;

    /** Source address, 4 bytes. */
    public static final int SRC_OFFSET = 12;

    /** Destination address, 4 bytes. */
    public static final int DST_OFFSET = 16;

    /** Options. */
    public static final int OPTIONS_OFFSET = 20;

    /** Flag of the word at {@link #FLAGS_OFFSET}: do not fragment. */
    public static final int DONT_FRAGMENT = 0x4000;

    /** Flag of the word at {@link #FLAGS_OFFSET}: more fragments follow. */
    public static final int MORE_FRAGMENTS = 0x2000;

    /** Bits of the word at {@link #FLAGS_OFFSET} that are the fragment's place, in units of 8 bytes. */
    public static final int OFFSET_MASK = 0x1FFF;

    /** Bits of the word at {@link #FLAGS_OFFSET} that tell a fragment from a whole datagram. */
    public static final int FRAGMENT_BITS = 0x3FFF;

    /** Option: end of the list. */
    public static final int OPTION_END = 0;

    /** Option: one byte of padding. */
    public static final int OPTION_NOP = 1;

    /** Option: record route. */
    public static final int OPTION_RECORD_ROUTE = 7;

    /** Option: timestamps of the routers on the way. */
    public static final int OPTION_TIMESTAMP = 68;

    /** Option: loose source and record route. */
    public static final int OPTION_LOOSE_SOURCE_ROUTE = 131;

    /** Option: strict source and record route. */
    public static final int OPTION_STRICT_SOURCE_ROUTE = 137;

    /** Option: routers look closer (RFC 2113). */
    public static final int OPTION_ROUTER_ALERT = 148;

    /** Result of {@link #check}: nothing is wrong with the lengths. */
    public static final int VALID = 0;

    /** Result of {@link #check}: fewer bytes than the header, or than it says. */
    public static final int TRUNCATED = 1;

    /** Result of {@link #check}: the version is not 4. */
    public static final int BAD_VERSION = 2;

    /** Result of {@link #check}: header length less than 20, or more than the total length. */
    public static final int BAD_HEADER_LENGTH = 3;

    /** Result of {@link #checkOptions}: an option's length is impossible. */
    public static final int BAD_OPTIONS = 4;

    /** Result of {@link #checkOptions}: there is a source route. */
    public static final int SOURCE_ROUTE = 5;

    private Ipv4View() {}

    /**
     * Checks version and lengths.
     *
     * @param length bytes that are there, padding of the link included
     * @return {@link #VALID} or why not
     */
    public static int check(final MemorySegment memory, final long offset, final int length) {
        return length < MIN_LENGTH ? TRUNCATED : check(Net.i32(memory, offset), length);
    }

    /**
     * As {@link #check(MemorySegment, long, int)}, of a header whose first four bytes are at hand and that is all
     * there.
     */
    public static int check(final int firstWord, final int length) {
        if (firstWord >>> 28 != 4) {
            return BAD_VERSION;
        }
        final int headerLength = headerLength(firstWord);
        final int totalLength = firstWord & 0xFFFF;
        if (headerLength < MIN_LENGTH || totalLength < headerLength) {
            return BAD_HEADER_LENGTH;
        }
        return totalLength <= length ? VALID : TRUNCATED;
    }

    /** Bytes of the header whose first four bytes are at hand. */
    public static int headerLength(final int firstWord) {
        return (firstWord >>> 24 & 0xF) << 2;
    }

    /**
     * Walks the options of a header that {@link #check} found valid.
     *
     * @return {@link #VALID}, {@link #BAD_OPTIONS} or {@link #SOURCE_ROUTE}
     */
    public static int checkOptions(final MemorySegment memory, final long offset) {
        final int end = headerLength(memory, offset);
        int at = OPTIONS_OFFSET;
        while (at < end) {
            final int type = Net.u8(memory, offset + at);
            if (type == OPTION_END) {
                return VALID;
            }
            if (type == OPTION_NOP) {
                at++;
                continue;
            }
            if (type == OPTION_LOOSE_SOURCE_ROUTE || type == OPTION_STRICT_SOURCE_ROUTE) {
                return SOURCE_ROUTE;
            }
            final int length = at + 1 < end ? Net.u8(memory, offset + at + 1) : 0;
            if (length < 2 || at + length > end) {
                return BAD_OPTIONS;
            }
            at += length;
        }
        return VALID;
    }

    /**
     * Value of the router alert option (RFC 2113) of a header whose options {@link #checkOptions} found valid.
     *
     * @return 0 to 65,535; -1 if there is no such option
     */
    public static int routerAlert(final MemorySegment memory, final long offset) {
        final int end = headerLength(memory, offset);
        int at = OPTIONS_OFFSET;
        while (at < end) {
            final int type = Net.u8(memory, offset + at);
            if (type == OPTION_END) {
                return -1;
            }
            if (type == OPTION_NOP) {
                at++;
                continue;
            }
            final int length = Net.u8(memory, offset + at + 1);
            if (type == OPTION_ROUTER_ALERT && length == 4) {
                return Net.u16(memory, offset + at + 2);
            }
            at += length;
        }
        return -1;
    }

    /** Version, 4 in every valid packet. */
    public static int version(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + VERSION_IHL_OFFSET) >>> 4;
    }

    /** Bytes of the header, 0 to 60: unchecked. */
    public static int headerLength(final MemorySegment memory, final long offset) {
        return (Net.u8(memory, offset + VERSION_IHL_OFFSET) & 0xF) << 2;
    }

    /** Sets the bytes of the header, 20 to 60, a multiple of 4; the checksum stays as it is. */
    public static void headerLength(final MemorySegment memory, final long offset, final int length) {
        Net.put8(memory, offset + VERSION_IHL_OFFSET, 0x40 | length >>> 2);
    }

    /** DSCP and ECN, 0 to 255. */
    public static int trafficClass(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + TRAFFIC_CLASS_OFFSET);
    }

    /** Bytes of header and payload, 0 to 65,535. */
    public static int totalLength(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + TOTAL_LENGTH_OFFSET);
    }

    /** Identification, 0 to 65,535. */
    public static int id(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + ID_OFFSET);
    }

    /** Flags and fragment offset, 16 bits. */
    public static int flags(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + FLAGS_OFFSET);
    }

    /** Place of the payload within the datagram in bytes, 0 to 65,528. */
    public static int fragmentOffset(final MemorySegment memory, final long offset) {
        return (flags(memory, offset) & 0x1FFF) << 3;
    }

    /** Whether this is part of a datagram only. */
    public static boolean isFragment(final MemorySegment memory, final long offset) {
        return (flags(memory, offset) & FRAGMENT_BITS) != 0;
    }

    /** Time to live, 0 to 255. */
    public static int ttl(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + TTL_OFFSET);
    }

    /** Protocol of the payload (IANA). */
    public static int protocol(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + PROTOCOL_OFFSET);
    }

    /** Header checksum. */
    public static int checksum(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + CHECKSUM_OFFSET);
    }

    /** Source address, zero-extended. */
    public static long src(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + SRC_OFFSET);
    }

    /** Destination address, zero-extended. */
    public static long dst(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + DST_OFFSET);
    }

    /** Sets the source address, from its lower 32 bits; the checksum stays as it is. */
    public static void src(final MemorySegment memory, final long offset, final long address) {
        Net.put32(memory, offset + SRC_OFFSET, (int) address);
    }

    /**
     * Completes a header that somebody else wrote: its total length, its checksum, and its identification if that is 0.
     *
     * @param totalLength bytes of header and payload
     * @param id identification, 0 to leave it
     */
    public static void complete(final MemorySegment memory, final long offset, final int totalLength, final int id) {
        Net.put16(memory, offset + TOTAL_LENGTH_OFFSET, totalLength);
        if (id(memory, offset) == 0) {
            Net.put16(memory, offset + ID_OFFSET, id);
        }
        Net.put16(memory, offset + CHECKSUM_OFFSET, 0);
        final long sum = sum(memory, offset, headerLength(memory, offset));
        Net.put16(memory, offset + CHECKSUM_OFFSET, InternetChecksum.finish(sum));
    }

    /** Partial sum of a header; one without options is three loads. */
    private static long sum(final MemorySegment memory, final long offset, final int headerLength) {
        return headerLength == MIN_LENGTH
                ? InternetChecksum.words(Net.i64(memory, offset))
                        + Net.u32(memory, offset + TTL_OFFSET)
                        + InternetChecksum.words(Net.i64(memory, offset + SRC_OFFSET))
                : InternetChecksum.partial(memory, offset, headerLength);
    }

    /**
     * Whether the checksum of a header without options is right that is at hand.
     *
     * @param first bytes 0 to 7
     * @param middle bytes 8 to 11
     * @param addresses bytes 12 to 19
     */
    public static boolean verifies(final long first, final int middle, final long addresses) {
        return InternetChecksum.verifies(
                InternetChecksum.words(first) + (middle & 0xFFFF_FFFFL) + InternetChecksum.words(addresses));
    }

    /** Whether the header's checksum is right. */
    public static boolean verifies(final MemorySegment memory, final long offset, final int headerLength) {
        return InternetChecksum.verifies(sum(memory, offset, headerLength));
    }

    /**
     * Writes a header without options, checksum included.
     *
     * @param totalLength bytes of header and payload
     * @param id identification
     * @param flags flags and fragment offset as they stand in the header
     */
    public static void write(
            final MemorySegment memory,
            final long offset,
            final int trafficClass,
            final int totalLength,
            final int id,
            final int flags,
            final int ttl,
            final int protocol,
            final long src,
            final long dst) {
        final long first = 0x45L << 56 | (long) trafficClass << 48 | (long) totalLength << 32 | (long) id << 16 | flags;
        final int ttlProtocol = ttl << 8 | protocol;
        // The sum is made of the values in hand: reading them back would wait for the stores.
        final long sum = InternetChecksum.words(first) + ttlProtocol + src + dst;
        Net.put64(memory, offset, first);
        Net.put32(memory, offset + TTL_OFFSET, ttlProtocol << 16 | InternetChecksum.finish(sum));
        Net.put64(memory, offset + SRC_OFFSET, src << 32 | dst);
    }
}
