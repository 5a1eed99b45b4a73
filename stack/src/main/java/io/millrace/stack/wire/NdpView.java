package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * Neighbour solicitations, advertisements and redirects in place (RFC 4861 section 4). All methods take the memory and
 * the offset of the ICMPv6 header's first byte; the caller has checked that {@link #LENGTH} bytes are there.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     Type      |   Code (0)    |           Checksum            |
 * +-+-+-+---------+---------------+-------------------------------+
 * |R|S|O|         Reserved; flags in advertisements only          |
 * +-+-+-+---------------------------------------------------------+
 * |                                                               |
 * +                                                               +
 * |                        Target address                         |
 * +                                                               +
 * |                                                               |
 * +                                                               +
 * |                                                               |
 * +---------------+---------------+-------------------------------+
 * |     Type      |  Length in 8  |  an option's data             |
 * +---------------+---------------+-------------------------------+
 * </pre>
 */
public final class NdpView {
    /** Type: router solicitation. */
    public static final int ROUTER_SOLICITATION = 133;

    /** Type: router advertisement. */
    public static final int ROUTER_ADVERTISEMENT = 134;

    /** Type: neighbour solicitation. */
    public static final int NEIGHBOR_SOLICITATION = 135;

    /** Type: neighbour advertisement. */
    public static final int NEIGHBOR_ADVERTISEMENT = 136;

    /** Type: redirect. */
    public static final int REDIRECT = 137;

    /** Bytes of a solicitation or advertisement without options. */
    public static final int LENGTH = 24;

    /** Flags of an advertisement, 4 bytes. */
    public static final int FLAGS_OFFSET = 4;

    /** Target address, 16 bytes. */
    public static final int TARGET_OFFSET = 8;

    /** Options. */
    public static final int OPTIONS_OFFSET = 24;

    /** Bytes of a router solicitation without options. */
    public static final int ROUTER_SOLICITATION_LENGTH = 8;

    /** Bytes of a redirect without options: behind the target, the better next hop, stands the destination. */
    public static final int REDIRECT_LENGTH = 40;

    /** Destination address of a redirect, 16 bytes. */
    public static final int DESTINATION_OFFSET = 24;

    /** Flag of an advertisement: the sender is a router. */
    public static final int ROUTER = 0x8000_0000;

    /** Flag of an advertisement: it answers a solicitation. */
    public static final int SOLICITED = 0x4000_0000;

    /** Flag of an advertisement: it replaces a link address that is known already. */
    public static final int OVERRIDE = 0x2000_0000;

    /** Result of {@link #linkAddress}: the option is not there. */
    public static final long ABSENT = -1;

    /**
     * Result of {@link #linkAddress}: an option's length is impossible, that of a link address too if it is not a MAC
     * address's (RFC 2464 section 6); the whole message is invalid.
     */
    public static final long MALFORMED = -2;

    /** Neighbour discovery is believed only with the hop limit that no router lets through (RFC 4861 section 11.2). */
    public static final int HOP_LIMIT = 255;

    private NdpView() {}

    /** Flags of an advertisement. */
    public static int flags(final MemorySegment memory, final long offset) {
        return Net.i32(memory, offset + FLAGS_OFFSET);
    }

    /** Upper half of the target address. */
    public static long targetHi(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + TARGET_OFFSET);
    }

    /** Lower half of the target address. */
    public static long targetLo(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + TARGET_OFFSET + 8);
    }

    /** Upper half of the destination of a redirect. */
    public static long destinationHi(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + DESTINATION_OFFSET);
    }

    /** Lower half of the destination of a redirect. */
    public static long destinationLo(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + DESTINATION_OFFSET + 8);
    }

    /**
     * Walks the options and returns the MAC address, or a nonce's first 48 bits, in the first one of a type.
     *
     * @param length bytes of the message, at least {@link #LENGTH}
     * @param type {@link NdpOptionView#SOURCE_LINK_ADDRESS}, {@link NdpOptionView#TARGET_LINK_ADDRESS} or
     *     {@link NdpOptionView#NONCE}
     * @return the address, {@link #ABSENT} or {@link #MALFORMED}
     */
    public static long linkAddress(final MemorySegment memory, final long offset, final int length, final int type) {
        return linkAddress(memory, offset, OPTIONS_OFFSET, length, type);
    }

    /**
     * The same for any message of neighbour discovery.
     *
     * @param from where its options begin, from the start of the message
     */
    public static long linkAddress(
            final MemorySegment memory, final long offset, final int from, final int length, final int type) {
        long address = ABSENT;
        int at = from;
        while (at < length) {
            if (length - at < 2) {
                return MALFORMED;
            }
            final long option = offset + at;
            final int optionLength = NdpOptionView.length(memory, option);
            if (optionLength == 0
                    || optionLength > length - at
                    || !NdpOptionView.fitsLinkAddress(memory, option, optionLength)) {
                return MALFORMED;
            }
            if (address == ABSENT && NdpOptionView.type(memory, option) == type) {
                address = NdpOptionView.linkAddress(memory, option);
            }
            at += optionLength;
        }
        return address;
    }

    /**
     * Writes a solicitation or advertisement with a checksum of 0 and an option with a MAC address or a nonce.
     *
     * @param flags of an advertisement; 0 for a solicitation
     * @param option its type; 0 for none
     * @param mac what it holds, 48 bits
     * @return bytes written
     */
    public static int write(
            final MemorySegment memory,
            final long offset,
            final int type,
            final int flags,
            final long targetHi,
            final long targetLo,
            final int option,
            final long mac) {
        Net.put32(memory, offset, type << 24);
        Net.put32(memory, offset + FLAGS_OFFSET, flags);
        Net.put64(memory, offset + TARGET_OFFSET, targetHi);
        Net.put64(memory, offset + TARGET_OFFSET + 8, targetLo);
        if (option == 0) {
            return LENGTH;
        }
        NdpOptionView.writeLinkAddress(memory, offset + OPTIONS_OFFSET, option, mac);
        return LENGTH + NdpOptionView.LINK_ADDRESS_LENGTH;
    }
}
