package io.millrace.dataplane.checksum;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The internet checksum (RFC 1071), for data of any length at any alignment.
 *
 * <p>A checksum is made from <em>partial sums</em>. A partial sum is a {@code long} from 0 to 2<sup>48</sup> that stands
 * for the one's complement sum of 16-bit words in network order: only its remainder modulo 65,535, and whether it is 0,
 * mean anything. Partial sums of pieces that begin at an even offset of the whole are added with {@code +}; a piece
 * that begins at an odd offset goes through {@link #odd} first (RFC 1071 section 2 (B)). {@link #finish} turns the total
 * into the value for the packet, {@link #verifies} tells whether a total that includes the received checksum is right.
 *
 * <pre>{@code
 * long sum = InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, 17, length)
 *         + InternetChecksum.partial(memory, offset, length);
 * Net.put16(memory, offset + 6, InternetChecksum.finish(sum));
 * }</pre>
 *
 * <p>Sums are computed with the Vector API where its module is there ({@code --add-modules jdk.incubator.vector}) and the
 * processor has vectors of at least 128 bits, else with plain loads; the system property {@code io.millrace.checksum},
 * read once, makes it {@code scalar}.
 *
 * <p>No method allocates, once compiled, and none keeps state: any thread.
 */
public final class InternetChecksum {
    /** Whether the Vector API may be used and pays: not without its module, nor with vectors of 64 bits. */
    private static final boolean VECTOR = !"scalar".equals(System.getProperty("io.millrace.checksum"))
            && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
            && VectorChecksum.pays();

    private InternetChecksum() {}

    /** How sums are computed here, for reports: {@code scalar} or for instance {@code vector-512}. */
    public static String implementation() {
        return VECTOR ? "vector-" + VectorChecksum.bits() : "scalar";
    }

    /**
     * Sums bytes. An odd last byte is the upper half of a word whose lower half is 0.
     *
     * @param memory native memory
     * @param offset of the first byte
     * @param length bytes, 0 to 2<sup>31</sup> - 1
     * @return their partial sum, 0 to 2<sup>32</sup> - 1
     * @throws IndexOutOfBoundsException if the bytes are not all in {@code memory}
     */
    public static long partial(final MemorySegment memory, final long offset, final int length) {
        return VECTOR ? VectorChecksum.partial(memory, offset, length) : ScalarChecksum.partial(memory, offset, length);
    }

    /**
     * Copies bytes and sums them, in one pass over them.
     *
     * @param from native memory to copy from
     * @param fromOffset of the first byte
     * @param to native memory to copy to; the two ranges do not overlap
     * @param toOffset of the first byte
     * @param length bytes, 0 to 2<sup>31</sup> - 1
     * @return their partial sum, 0 to 2<sup>33</sup>, as by {@link #partial}
     * @throws IndexOutOfBoundsException if either range is not all in its memory; nothing is copied then
     */
    public static long copy(
            final MemorySegment from,
            final long fromOffset,
            final MemorySegment to,
            final long toOffset,
            final int length) {
        Objects.checkFromIndexSize(fromOffset, length, from.byteSize());
        Objects.checkFromIndexSize(toOffset, length, to.byteSize());
        return VECTOR
                ? VectorChecksum.copy(from, fromOffset, to, toOffset, length)
                : ScalarChecksum.copy(from, fromOffset, to, toOffset, length);
    }

    /**
     * Sums the pseudo header of TCP, UDP (RFC 9293 section 3.1, RFC 768) or of any upper layer over IPv6 (RFC 8200
     * section 8.1). One method serves both families: the words that an IPv6 pseudo header has and an IPv4 one has not
     * are zero in an IPv4 address, {@code hi = 0}, {@code lo = } the 32 bits zero-extended.
     *
     * @param protocol IANA number of the upper layer
     * @param length bytes of the upper layer's header and data
     * @return the partial sum
     */
    public static long pseudoHeader(
            final long srcHi,
            final long srcLo,
            final long dstHi,
            final long dstLo,
            final int protocol,
            final int length) {
        return words(srcHi) + words(srcLo) + words(dstHi) + words(dstLo) + protocol + length;
    }

    /**
     * Sums the pseudo header of what an IP packet carries, with the addresses that stand in its header.
     *
     * @param ip offset of the IP header, of either version, whose fixed part is within {@code memory}
     * @param protocol IANA number of the upper layer
     * @param length bytes of the upper layer's header and data
     * @return the partial sum
     */
    public static long pseudoHeader(final MemorySegment memory, final long ip, final int protocol, final int length) {
        return Net.u8(memory, ip) >>> 4 == 4
                ? pseudoHeader(0, Net.u32(memory, ip + 12), 0, Net.u32(memory, ip + 16), protocol, length)
                : pseudoHeader(
                        Net.i64(memory, ip + 8),
                        Net.i64(memory, ip + 16),
                        Net.i64(memory, ip + 24),
                        Net.i64(memory, ip + 32),
                        protocol,
                        length);
    }

    /** Partial sum of 64 bits in network order, for instance of half of an IPv6 address. */
    public static long words(final long value) {
        return (value >>> 32) + (value & 0xFFFF_FFFFL);
    }

    /** The partial sum that a piece has when it begins at an odd offset of the whole: its bytes change places. */
    public static long odd(final long sum) {
        return (long) fold(sum) << 8;
    }

    /**
     * Adds the partial sum of a piece to that of all bytes before it.
     *
     * @param sum of the bytes before
     * @param bytesBefore how many those are; only whether that is odd counts
     * @param piece partial sum of the piece on its own
     */
    public static long combine(final long sum, final int bytesBefore, final long piece) {
        return sum + ((bytesBefore & 1) == 0 ? piece : odd(piece));
    }

    /** Folds a partial sum to 16 bits, end-around carry included. Only 0 folds to 0. */
    public static int fold(final long sum) {
        // A number added to itself with its halves swapped has the end-around sum of both in its upper half; 2^32 and
        // 2^16 are 1 modulo 65,535.
        final int halves = (int) ((sum + Long.rotateLeft(sum, 32)) >>> 32);
        return (halves + Integer.rotateLeft(halves, 16)) >>> 16;
    }

    /** The checksum to put into the packet, 0 to 65,535: the complement of the total. */
    public static int finish(final long sum) {
        return ~fold(sum) & 0xFFFF;
    }

    /** Whether a total that includes the checksum of the packet is that of an intact packet. */
    public static boolean verifies(final long sum) {
        return fold(sum) == 0xFFFF;
    }

    /**
     * The checksum after one 16-bit word changed (RFC 1624 section 3, equation 3).
     *
     * @param checksum as it stands in the packet
     * @param before the word's value until now
     * @param after its new value
     */
    public static int update16(final int checksum, final int before, final int after) {
        return finish((~checksum & 0xFFFFL) + (~before & 0xFFFFL) + (after & 0xFFFFL));
    }

    /** The checksum after 32 bits at an even offset changed, as {@link #update16}. */
    public static int update32(final int checksum, final int before, final int after) {
        return finish((~checksum & 0xFFFFL) + (~before & 0xFFFF_FFFFL) + (after & 0xFFFF_FFFFL));
    }

    /** The checksum after 64 bits at an even offset changed, as {@link #update16}. */
    public static int update64(final int checksum, final long before, final long after) {
        return finish((~checksum & 0xFFFFL) + words(~before) + words(after));
    }
}
