package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * Options of neighbour discovery in place (RFC 4861 section 4.6, RFC 4191, RFC 8106, RFC 3971). All methods take the
 * memory and the offset of the option's first byte; the caller has checked with {@link #check} that the option is there
 * and long enough for its type.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     Type      |  Length in 8  |  depends on the type          |
 * +---------------+---------------+-------------------------------+
 *
 * prefix information:
 * +---------------+---------------+---------------+-+-+-----------+
 * |      3        |       4       | Prefix length |L|A|           |
 * +---------------+---------------+---------------+-+-+-----------+
 * |                     Valid lifetime (s)                        |
 * |                   Preferred lifetime (s)                      |
 * |                          Reserved                             |
 * |                      Prefix (16 bytes)                        |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class NdpOptionView {
    /** Type: link address of the source. */
    public static final int SOURCE_LINK_ADDRESS = 1;

    /** Type: link address of the target. */
    public static final int TARGET_LINK_ADDRESS = 2;

    /** Type: prefix information. */
    public static final int PREFIX_INFORMATION = 3;

    /** Type: the packet that a redirect is about. */
    public static final int REDIRECTED_HEADER = 4;

    /** Type: MTU of the link. */
    public static final int MTU = 5;

    /** Type: nonce (RFC 3971 section 5.3.2, RFC 7527). */
    public static final int NONCE = 14;

    /** Type: route information (RFC 4191 section 2.3). */
    public static final int ROUTE_INFORMATION = 24;

    /** Type: recursive DNS servers (RFC 8106 section 5.1). */
    public static final int DNS_SERVERS = 25;

    /** Type: DNS search list (RFC 8106 section 5.2). */
    public static final int DNS_SEARCH_LIST = 31;

    /** Options are multiples of this many bytes. */
    public static final int UNIT = 8;

    /** Bytes of an option with a MAC address. */
    public static final int LINK_ADDRESS_LENGTH = 8;

    /** Bytes of a prefix information option. */
    public static final int PREFIX_LENGTH = 32;

    /** Bytes of an MTU option. */
    public static final int MTU_LENGTH = 8;

    /** Bytes in front of the packet that a redirected header option quotes. */
    public static final int REDIRECTED_OFFSET = 8;

    /** Bytes in front of the addresses of DNS servers and of the names of a search list. */
    public static final int DNS_OFFSET = 8;

    /** Flag of a prefix: its addresses are on the link. */
    public static final int ON_LINK = 0x80;

    /** Flag of a prefix: hosts make addresses of it (RFC 4862). */
    public static final int AUTONOMOUS = 0x40;

    private static final int PREFIX_LENGTH_OFFSET = 2;
    private static final int PREFIX_FLAGS_OFFSET = 3;
    private static final int VALID_OFFSET = 4;
    private static final int PREFERRED_OFFSET = 8;
    private static final int PREFIX_OFFSET = 16;
    private static final int LIFETIME_OFFSET = 4;

    private NdpOptionView() {}

    /** Type. */
    public static int type(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset);
    }

    /** Bytes of the option, 0 to 2,040: unchecked. */
    public static int length(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + 1) * UNIT;
    }

    /**
     * Checks an option's length.
     *
     * @param room bytes up to the end of the message
     * @return bytes of the option; -1 if it does not end within the message, which makes the message invalid
     */
    public static int check(final MemorySegment memory, final long offset, final int room) {
        if (room < UNIT) {
            return -1;
        }
        final int length = length(memory, offset);
        return length == 0 || length > room ? -1 : length;
    }

    /**
     * Whether an option that {@link #check} accepted has a length that its type can have. One that has not is ignored,
     * as an unknown one is (RFC 4861 section 4.6).
     */
    public static boolean isWellFormed(final MemorySegment memory, final long offset, final int length) {
        return switch (type(memory, offset)) {
            case PREFIX_INFORMATION -> length == PREFIX_LENGTH && prefixLength(memory, offset) <= 128;
            case MTU -> length == MTU_LENGTH;
            case ROUTE_INFORMATION ->
                length <= 24
                        && prefixLength(memory, offset) <= 128
                        && prefixLength(memory, offset) <= (length - UNIT) * 8;
            case DNS_SERVERS -> length >= 24 && (length - DNS_OFFSET) % 16 == 0;
            case DNS_SEARCH_LIST -> length >= 16;
            default -> fitsLinkAddress(memory, offset, length);
        };
    }

    /** Whether an option is of a type without link address, or as long as one with a MAC address. */
    static boolean fitsLinkAddress(final MemorySegment memory, final long offset, final int length) {
        final int type = type(memory, offset);
        return (type != SOURCE_LINK_ADDRESS && type != TARGET_LINK_ADDRESS) || length == LINK_ADDRESS_LENGTH;
    }

    /** MAC address of a link address option. */
    public static long linkAddress(final MemorySegment memory, final long offset) {
        return Net.u48(memory, offset + 2);
    }

    /** MTU of an MTU option, zero-extended. */
    public static long mtu(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + 4);
    }

    /** Bits of the prefix in a prefix or route information option, 0 to 255: unchecked. */
    public static int prefixLength(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + PREFIX_LENGTH_OFFSET);
    }

    /** Flags of a prefix or route information option. */
    public static int prefixFlags(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + PREFIX_FLAGS_OFFSET);
    }

    /** Seconds for which a prefix is valid; 4,294,967,295 for ever. */
    public static long validLifetime(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + VALID_OFFSET);
    }

    /** Seconds for which addresses made of a prefix are preferred; 4,294,967,295 for ever. */
    public static long preferredLifetime(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + PREFERRED_OFFSET);
    }

    /** Upper half of the prefix of a prefix information option. */
    public static long prefixHi(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + PREFIX_OFFSET);
    }

    /** Lower half of the prefix of a prefix information option. */
    public static long prefixLo(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + PREFIX_OFFSET + 8);
    }

    /** Upper half of the prefix of a route information option of {@code length} bytes; what is left out is 0. */
    public static long routeHi(final MemorySegment memory, final long offset, final int length) {
        return length >= 16 ? Net.i64(memory, offset + 8) : 0;
    }

    /** Lower half of the prefix of a route information option of {@code length} bytes; what is left out is 0. */
    public static long routeLo(final MemorySegment memory, final long offset, final int length) {
        return length >= 24 ? Net.i64(memory, offset + 16) : 0;
    }

    /** Preference of a route: 1 is high, 0 medium, -1 low (RFC 4191 section 2.1); the reserved value counts as low. */
    public static int routePreference(final MemorySegment memory, final long offset) {
        return preference(prefixFlags(memory, offset));
    }

    /** Preference in bits 3 and 4 of a byte of flags, as in router advertisements too. */
    public static int preference(final int flags) {
        return switch (flags >>> 3 & 3) {
            case 0 -> 0;
            case 1 -> 1;
            default -> -1;
        };
    }

    /** Seconds for which a route, DNS servers or a search list hold; 4,294,967,295 for ever. */
    public static long lifetime(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + LIFETIME_OFFSET);
    }

    /** Writes a prefix information option. */
    public static void writePrefix(
            final MemorySegment memory,
            final long offset,
            final int prefixLength,
            final int flags,
            final long validLifetime,
            final long preferredLifetime,
            final long hi,
            final long lo) {
        Net.put32(memory, offset, PREFIX_INFORMATION << 24 | (PREFIX_LENGTH / UNIT) << 16 | prefixLength << 8 | flags);
        Net.put32(memory, offset + VALID_OFFSET, (int) validLifetime);
        Net.put32(memory, offset + PREFERRED_OFFSET, (int) preferredLifetime);
        Net.put32(memory, offset + 12, 0);
        Net.put64(memory, offset + PREFIX_OFFSET, hi);
        Net.put64(memory, offset + PREFIX_OFFSET + 8, lo);
    }

    /** Writes an option with a MAC address. */
    public static void writeLinkAddress(final MemorySegment memory, final long offset, final int type, final long mac) {
        Net.put64(memory, offset, (long) type << 56 | 1L << 48 | mac);
    }

    /** Writes an MTU option. */
    public static void writeMtu(final MemorySegment memory, final long offset, final long mtu) {
        Net.put64(memory, offset, (long) MTU << 56 | 1L << 48 | (mtu & 0xFFFF_FFFFL));
    }

    /** Bytes of a route information option whose prefix has so many bits. */
    public static int routeLength(final int prefixLength) {
        return prefixLength == 0 ? UNIT : prefixLength <= 64 ? 2 * UNIT : 3 * UNIT;
    }

    /**
     * Writes a route information option.
     *
     * @param flags the preference in bits 3 and 4
     * @param lifetime seconds
     * @return bytes written
     */
    public static int writeRoute(
            final MemorySegment memory,
            final long offset,
            final int prefixLength,
            final int flags,
            final long lifetime,
            final long hi,
            final long lo) {
        final int length = routeLength(prefixLength);
        Net.put32(memory, offset, ROUTE_INFORMATION << 24 | (length / UNIT) << 16 | prefixLength << 8 | flags);
        Net.put32(memory, offset + LIFETIME_OFFSET, (int) lifetime);
        if (length > UNIT) {
            Net.put64(memory, offset + UNIT, hi);
        }
        if (length > 2 * UNIT) {
            Net.put64(memory, offset + 2 * UNIT, lo);
        }
        return length;
    }

    /**
     * Writes an option with DNS servers.
     *
     * @param lifetime seconds
     * @param count addresses, at least 1
     * @return bytes written
     */
    public static int writeDnsServers(
            final MemorySegment memory,
            final long offset,
            final long lifetime,
            final long[] hi,
            final long[] lo,
            final int count) {
        final int length = DNS_OFFSET + 16 * count;
        Net.put32(memory, offset, DNS_SERVERS << 24 | (length / UNIT) << 16);
        Net.put32(memory, offset + LIFETIME_OFFSET, (int) lifetime);
        for (int i = 0; i < count; i++) {
            Net.put64(memory, offset + DNS_OFFSET + 16L * i, hi[i]);
            Net.put64(memory, offset + DNS_OFFSET + 16L * i + 8, lo[i]);
        }
        return length;
    }

    /** Bytes of an option that holds so many bytes of names or of a redirected packet, 1 to 2,032, padded. */
    public static int quoteLength(final int count) {
        return (UNIT + count + UNIT - 1) / UNIT * UNIT;
    }

    /**
     * Writes a DNS search list.
     *
     * @param lifetime seconds
     * @param from memory that holds the names in DNS form
     * @param at where in it
     * @param count bytes of the names, 1 to 2,032; zeros fill the option up (RFC 8106 section 5.2)
     * @return bytes written
     */
    public static int writeSearchList(
            final MemorySegment memory,
            final long offset,
            final long lifetime,
            final MemorySegment from,
            final long at,
            final int count) {
        return writeQuote(memory, offset, DNS_SEARCH_LIST, (int) lifetime, from, at, count);
    }

    /**
     * Writes a redirected header option.
     *
     * @param from memory that holds the packet, from its IP header on
     * @param at where in it
     * @param count bytes of the packet to quote, 1 to 2,032; zeros fill the option up
     * @return bytes written
     */
    public static int writeRedirected(
            final MemorySegment memory, final long offset, final MemorySegment from, final long at, final int count) {
        return writeQuote(memory, offset, REDIRECTED_HEADER, 0, from, at, count);
    }

    private static int writeQuote(
            final MemorySegment memory,
            final long offset,
            final int type,
            final int word,
            final MemorySegment from,
            final long at,
            final int count) {
        final int length = quoteLength(count);
        Net.put32(memory, offset, type << 24 | (length / UNIT) << 16);
        Net.put32(memory, offset + LIFETIME_OFFSET, word);
        // The padding lies within the last eight bytes.
        Net.put64(memory, offset + length - UNIT, 0);
        MemorySegment.copy(from, at, memory, offset + UNIT, count);
        return length;
    }
}
