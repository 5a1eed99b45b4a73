package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * A TCP segment's header with its options, and where the payload is; reused from segment to segment. {@link #parse} takes
 * anything that comes from outside, {@link #emit} writes what the fields say.
 *
 * <p>Not thread-safe. Plain fields, since it is filled and read within one poll by one thread.
 */
public final class TcpRepr {
    /** Most SACK blocks that fit into a header. */
    public static final int MAX_SACK_BLOCKS = 4;

    /** Largest window shift that RFC 7323 section 2.3 allows. */
    public static final int MAX_WINDOW_SHIFT = 14;

    /** Bytes of the timestamps option with the padding in front of it. */
    public static final int TIMESTAMPS_LENGTH = 12;

    /** {@link #signature}: the segment is not signed. */
    public static final int UNSIGNED = 0;

    /** {@link #signature}: it is signed twice, or by an option of a wrong length. */
    public static final int BADLY_SIGNED = -1;

    /** Bytes of the MD5 option with the padding in front of it. */
    public static final int MD5_LENGTH = 20;

    /** Bytes of the authentication option with a code of 96 bits, the only ones there are (RFC 5926). */
    public static final int AO_LENGTH = 16;

    private static final int MD5_HEAD = 0x0101_1312; // NOP, NOP, kind 19, length 18

    private static final int TIMESTAMPS_HEAD = 0x0101_080A; // NOP, NOP, kind 8, length 10

    /** Source port. */
    public int srcPort;
    /** Destination port. */
    public int dstPort;
    /** Sequence number. */
    public int seq;
    /** Acknowledgment number; meaningless without {@link TcpView#ACK}. */
    public int ack;
    /** Flags of {@link TcpView}. */
    public int flags;
    /** Window as in the header, 0 to 65,535, not scaled. */
    public int window;
    /** Urgent pointer; meaningless without {@link TcpView#URG}. */
    public int urgent;

    /** Maximum segment size option; 0 if there is none (a peer's 0 counts as none). */
    public int mss;
    /** Window scale option, 0 to {@link #MAX_WINDOW_SHIFT}; -1 if there is none. */
    public int windowShift;
    /** Whether the SACK permitted option is there. */
    public boolean sackPermitted;
    /** Whether the timestamps option is there. */
    public boolean timestamps;
    /** Timestamp value of the sender; 0 without {@link #timestamps}. */
    public int tsVal;
    /** Timestamp echo reply; 0 without {@link #timestamps}. */
    public int tsEcr;
    /** Number of SACK blocks, 0 to {@link #MAX_SACK_BLOCKS}; the last ones are left out where other options need room. */
    public int sackCount;
    /** Left edges of the SACK blocks. */
    public final int[] sackLeft = new int[MAX_SACK_BLOCKS];
    /** Right edges of the SACK blocks, one past their last byte. */
    public final int[] sackRight = new int[MAX_SACK_BLOCKS];
    /**
     * Fast Open option of a SYN: {@link FastOpenOption#NONE}, {@link FastOpenOption#REQUEST} or bytes of the cookie; one
     * of a length that there is none of is no option.
     */
    public int fastOpen = FastOpenOption.NONE;
    /** Whether the Fast Open option has the form from before RFC 7413. */
    public boolean fastOpenExperimental;
    /** Bytes 0 to 7 of the cookie, the first one highest; those beyond its length are 0. */
    public long cookieHi;
    /** Bytes 8 to 15 of the cookie. */
    public long cookieLo;

    /**
     * Kind of the Accurate ECN option, {@link TcpView#OPTION_ACCURATE_ECN_0} or {@link TcpView#OPTION_ACCURATE_ECN_1}; {@link
     * AccurateEcnOption#NONE} if there is none. Of the three counts below those that it does not have are 0.
     */
    public int accurateEcn = AccurateEcnOption.NONE;
    /** How many counts it has, 0 to 3: the first ones in the order of its kind. */
    public int ecnCounts;
    /** Bytes of payload that came with ECT(0), modulo 2^24. */
    public int ect0Bytes;
    /** Bytes of payload that came with CE, modulo 2^24. */
    public int ceBytes;
    /** Bytes of payload that came with ECT(1), modulo 2^24. */
    public int ect1Bytes;

    /**
     * What signs the segment: {@link #UNSIGNED}, {@link TcpView#OPTION_MD5}, {@link TcpView#OPTION_AO}, or {@link
     * #BADLY_SIGNED}, which is never sent.
     */
    public int signature;
    /** Offset of the bytes that sign it within the memory that was parsed; their number follows from the kind. */
    public long codeOffset;
    /** KeyID of the authentication option, 0 to 255: which key signs this segment (RFC 5925 section 2.2). */
    public int keyId;
    /** Its RNextKeyID, 0 to 255: the key that the sender would like to receive. */
    public int nextKeyId;

    /**
     * The two ECN bits of the IP header around the segment (RFC 3168 section 5). Not part of the header: whoever received
     * the packet fills it in after {@link #parse}, whoever sends it passes it on.
     */
    public int ecn;

    /**
     * UDP port of the peer's that the segment came from, 0 if it was not within UDP. Not part of the header: filled in as
     * {@link #ecn} is.
     */
    public int udpPort;

    /** UDP port of ours that it came to then, else 0. */
    public int ownUdpPort;

    /** Offset of the header within the memory that was parsed. */
    public long offset;
    /** Offset of the payload within the memory that was parsed. */
    public long payloadOffset;
    /** Bytes of payload. */
    public int payloadLength;

    /** Sets every field to nothing: no flags, no options, no payload. */
    public void clear() {
        srcPort = 0;
        dstPort = 0;
        seq = 0;
        ack = 0;
        flags = 0;
        window = 0;
        urgent = 0;
        ecn = 0;
        udpPort = 0;
        ownUdpPort = 0;
        offset = 0;
        payloadOffset = 0;
        payloadLength = 0;
        clearOptions();
    }

    /** Removes all options. */
    public void clearOptions() {
        mss = 0;
        windowShift = -1;
        sackPermitted = false;
        timestamps = false;
        tsVal = 0;
        tsEcr = 0;
        sackCount = 0;
        fastOpen = FastOpenOption.NONE;
        accurateEcn = AccurateEcnOption.NONE;
        signature = UNSIGNED;
        keyId = 0;
        nextKeyId = 0;
    }

    /** Whether all of {@code mask}'s flags are set. */
    public boolean has(final int mask) {
        return (flags & mask) == mask;
    }

    /** Sequence numbers that the segment takes up: its payload, SYN and FIN. */
    public int segmentLength() {
        return payloadLength + ((flags >>> 1) & 1) + (flags & 1);
    }

    /**
     * Reads a segment. Options that are unknown or of a wrong length are skipped, of one that comes twice the last
     * counts, and from the first one that does not fit the rest of the list is ignored (RFC 9293 section 3.1, MUST-6 and
     * MUST-7). Checksum and port numbers are not judged.
     *
     * @param offset of the header
     * @param length of the segment, payload included
     * @return false if the segment is shorter than its header or the header shorter than 20 bytes; the fields are then
     *     meaningless
     */
    public boolean parse(final MemorySegment memory, final long offset, final int length) {
        if (length < TcpView.MIN_LENGTH) {
            return false;
        }
        final long second = Net.i64(memory, offset + TcpView.ACK_OFFSET);
        final int headerLength = (int) (second >>> 28 & 0xF) << 2;
        if (headerLength < TcpView.MIN_LENGTH || headerLength > length) {
            return false;
        }
        final long first = Net.i64(memory, offset);
        srcPort = (int) (first >>> 48);
        dstPort = (int) (first >>> 32) & 0xFFFF;
        seq = (int) first;
        ack = (int) (second >>> 32);
        flags = (int) (second >>> 16) & TcpView.FLAGS;
        window = (int) second & 0xFFFF;
        urgent = Net.u16(memory, offset + TcpView.URGENT_OFFSET);
        this.offset = offset;
        payloadOffset = offset + headerLength;
        payloadLength = length - headerLength;
        ecn = 0;
        udpPort = 0;
        ownUdpPort = 0;
        clearOptions();
        if (headerLength == TcpView.MIN_LENGTH + TIMESTAMPS_LENGTH
                && Net.i32(memory, offset + TcpView.MIN_LENGTH) == TIMESTAMPS_HEAD) {
            timestamps = true;
            tsVal = Net.i32(memory, offset + TcpView.MIN_LENGTH + 4);
            tsEcr = Net.i32(memory, offset + TcpView.MIN_LENGTH + 8);
        } else if (headerLength > TcpView.MIN_LENGTH) {
            TcpOptionReader.read(this, memory, offset + TcpView.MIN_LENGTH, offset + headerLength);
        }
        return true;
    }

    /**
     * Bytes of the header that {@link #emit} writes, 20 to 60, a multiple of 4. All options fit together but SACK blocks,
     * of which there are four alone, three beside timestamps and two beside everything; a SYN, which alone has a Fast Open
     * cookie, has none. A signature takes the room of others: beside one, timestamps leave room for one block or none, and
     * the options of Fast Open, and behind it of Accurate ECN, are left out if there is none for them. Without a SYN's, they
     * all have the padding in front of them but where there is only room without.
     */
    public int headerLength() {
        int length = lengthBeforeFastOpen();
        if (packs(length)) {
            return TcpView.MIN_LENGTH + PackedOptions.length(this);
        }
        length += fastOpenLength(length);
        length += accurateEcnLength(length);
        if (sackBlocks(length) > 0) {
            length += 4 + 8 * sackBlocks(length);
        }
        return length;
    }

    /** Whether there is no room for all options unless they follow on one another without padding. */
    private boolean packs(final int others) {
        if (accurateEcn == AccurateEcnOption.NONE || mss != 0 || windowShift >= 0 || sackPermitted || fastOpen >= 0) {
            return false;
        }
        final int aligned =
                others + AccurateEcnOption.paddedLength(ecnCounts) + (sackCount == 0 ? 0 : 4 + 8 * sackCount);
        return aligned > TcpView.MAX_LENGTH && TcpView.MIN_LENGTH + PackedOptions.length(this) <= TcpView.MAX_LENGTH;
    }

    /** Leaves as many counts off the end of a SYN's Accurate ECN option as have no room beside its other options. */
    public void shortenAccurateEcn() {
        final int others = lengthBeforeFastOpen();
        final int fixed = others + fastOpenLength(others) - TcpView.MIN_LENGTH;
        ecnCounts = Math.clamp(AccurateEcnOption.mostAligned(fixed, 0), 0, ecnCounts);
    }

    /** Where {@link #emit} leaves room for what signs a segment, from its first byte on. */
    public int emittedCodeOffset() {
        return TcpView.MIN_LENGTH + (signature == TcpView.OPTION_MD5 && packs(lengthBeforeFastOpen()) ? 2 : 4);
    }

    private int lengthBeforeFastOpen() {
        int length = TcpView.MIN_LENGTH + signatureLength(signature);
        if (mss != 0) {
            length += 4;
        }
        if (timestamps) {
            length += TIMESTAMPS_LENGTH;
        } else if (sackPermitted) {
            length += 4;
        }
        if (windowShift >= 0) {
            length += 4;
        }
        return length;
    }

    /** Whether the Fast Open option has no room beside the others, so that it is left out. */
    public boolean crowdsOutFastOpen() {
        return fastOpen != FastOpenOption.NONE && fastOpenLength(lengthBeforeFastOpen()) == 0;
    }

    /** Bytes that the Fast Open option takes behind so many bytes of header. */
    private int fastOpenLength(final int used) {
        final int length = fastOpen == FastOpenOption.NONE ? 0 : FastOpenOption.paddedLength(this);
        return used + length > TcpView.MAX_LENGTH ? 0 : length;
    }

    /** Bytes that the Accurate ECN option takes behind so many bytes of header. */
    private int accurateEcnLength(final int used) {
        final int length = accurateEcn == AccurateEcnOption.NONE ? 0 : AccurateEcnOption.paddedLength(ecnCounts);
        return used + length > TcpView.MAX_LENGTH ? 0 : length;
    }

    /** Bytes that a {@link #signature} takes in every header, padding included. */
    public static int signatureLength(final int kind) {
        return switch (kind) {
            case TcpView.OPTION_MD5 -> MD5_LENGTH;
            case TcpView.OPTION_AO -> AO_LENGTH;
            default -> 0;
        };
    }

    /** SACK blocks that fit behind so many bytes of header. */
    private int sackBlocks(final int used) {
        return sackCount == 0 ? 0 : Math.clamp((TcpView.MAX_LENGTH - used - 4) >> 3, 0, sackCount);
    }

    /**
     * Writes the header with checksum 0. SACK permitted takes the place of the padding in front of the timestamps, as
     * other stacks do it, so that all options of a SYN take 20 bytes. A signature comes first, its code zero: {@link
     * #emittedCodeOffset()}.
     *
     * @param offset of the header; {@link #headerLength()} bytes are written from there
     */
    public void emit(final MemorySegment memory, final long offset) {
        final int headerLength = headerLength();
        if (headerLength > TcpView.MIN_LENGTH) {
            emitOptions(memory, offset + TcpView.MIN_LENGTH);
        }
        write(memory, offset, first(), second(headerLength), 0);
    }

    /**
     * Writes the header as {@link #emit(MemorySegment, long)} does, checksum included.
     *
     * @param ip addresses of the packet
     * @param headerLength what {@link #headerLength()} says
     * @param payload partial sum of the {@link #payloadLength} bytes behind the header
     */
    public void emit(
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int headerLength,
            final long payload) {
        final long first = first();
        final long second = second(headerLength);
        // The sum is made of the values in hand: reading them back would wait for the stores.
        long sum = payload + InternetChecksum.words(first) + InternetChecksum.words(second) + (urgent & 0xFFFF);
        if (timestamps && headerLength == TcpView.MIN_LENGTH + TIMESTAMPS_LENGTH) {
            sum += emitTimestamps(memory, offset + TcpView.MIN_LENGTH, TIMESTAMPS_HEAD); // as on nearly all segments
        } else if (headerLength > TcpView.MIN_LENGTH) {
            sum += emitOptions(memory, offset + TcpView.MIN_LENGTH);
        }
        sum += InternetChecksum.pseudoHeader(
                ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, TcpView.PROTOCOL, headerLength + payloadLength);
        write(memory, offset, first, second, InternetChecksum.finish(sum));
    }

    /** Writes the header, checksum included, and a copy of {@link #payloadLength} bytes, which it sums on their way. */
    public void emit(
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final MemorySegment payload,
            final long payloadAt) {
        final int headerLength = headerLength();
        final long sum = InternetChecksum.copy(payload, payloadAt, memory, offset + headerLength, payloadLength);
        emit(ip, memory, offset, headerLength, sum);
    }

    private long first() {
        return (long) srcPort << 48 | (long) (dstPort & 0xFFFF) << 32 | (seq & 0xFFFF_FFFFL);
    }

    private long second(final int headerLength) {
        return (long) ack << 32
                | ((headerLength << 26 | (flags & TcpView.FLAGS) << 16 | (window & 0xFFFF)) & 0xFFFF_FFFFL);
    }

    private void write(
            final MemorySegment memory, final long offset, final long first, final long second, final int checksum) {
        Net.put64(memory, offset, first);
        Net.put64(memory, offset + TcpView.ACK_OFFSET, second);
        Net.put32(memory, offset + TcpView.CHECKSUM_OFFSET, checksum << 16 | (urgent & 0xFFFF));
    }

    /** Writes the options and returns their partial sum. */
    private long emitOptions(final MemorySegment memory, final long from) {
        if (packs(lengthBeforeFastOpen())) {
            return PackedOptions.emit(this, memory, from);
        }
        long at = from;
        long sum = 0;
        final int signed = signatureLength(signature);
        if (signed > 0) {
            sum += option(memory, at, signature == TcpView.OPTION_MD5 ? MD5_HEAD : authenticationHead());
            for (int i = 4; i < signed; i += 4) {
                Net.put32(memory, at + i, 0);
            }
            at += signed;
        }
        if (mss != 0) {
            sum += option(memory, at, (TcpView.OPTION_MSS << 24) | (4 << 16) | (mss & 0xFFFF));
            at += 4;
        }
        if (timestamps) {
            sum += emitTimestamps(memory, at, sackPermitted ? 0x0402_080A : TIMESTAMPS_HEAD);
            at += TIMESTAMPS_LENGTH;
        }
        if (accurateEcn != AccurateEcnOption.NONE) {
            final int others = lengthBeforeFastOpen();
            final int length = accurateEcnLength(others + fastOpenLength(others));
            if (length > 0) {
                sum += AccurateEcnOption.emit(this, memory, at);
                at += length;
            }
        }
        if (sackPermitted && !timestamps) {
            sum += option(memory, at, 0x0101_0402);
            at += 4;
        }
        if (windowShift >= 0) {
            sum += option(memory, at, 0x0103_0300 | windowShift);
            at += 4;
        }
        if (fastOpenLength((int) (at - from) + TcpView.MIN_LENGTH) > 0) {
            sum += FastOpenOption.emit(this, memory, at);
            at += FastOpenOption.paddedLength(this);
        }
        final int blocks = sackBlocks((int) (at - from) + TcpView.MIN_LENGTH);
        if (blocks > 0) {
            sum += option(memory, at, 0x0101_0500 | (2 + 8 * blocks));
            at += 4;
            for (int i = 0; i < blocks; i++) {
                sum += pair(memory, at, sackLeft[i], sackRight[i]);
                at += 8;
            }
        }
        return sum;
    }

    private long emitTimestamps(final MemorySegment memory, final long at, final int head) {
        return option(memory, at, head) + pair(memory, at + 4, tsVal, tsEcr);
    }

    int authenticationHead() {
        return TcpView.OPTION_AO << 24 | AO_LENGTH << 16 | (keyId & 0xFF) << 8 | (nextKeyId & 0xFF);
    }

    private static long option(final MemorySegment memory, final long at, final int word) {
        Net.put32(memory, at, word);
        return word & 0xFFFF_FFFFL;
    }

    private static long pair(final MemorySegment memory, final long at, final int left, final int right) {
        Net.put64(memory, at, (long) left << 32 | (right & 0xFFFF_FFFFL));
        return (left & 0xFFFF_FFFFL) + (right & 0xFFFF_FFFFL);
    }
}
