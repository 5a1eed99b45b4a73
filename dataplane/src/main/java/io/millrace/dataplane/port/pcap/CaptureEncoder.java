package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.port.Medium;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Writes the header and the records of a capture, in one of the formats. Immutable. */
final class CaptureEncoder {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1000;
    private static final int NANOSECONDS = 9;

    /** Flags and the end of options. */
    private static final int PACKET_OPTIONS = 12;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(PcapFormat.LITTLE.order());

    private final CaptureFormat format;
    private final Medium medium;
    private final int snapLength;
    private final boolean ng;
    private final byte[] comment;

    CaptureEncoder(final CaptureOptions options, final Medium medium) {
        this.format = options.format();
        this.medium = medium;
        this.snapLength = options.snapLength();
        this.ng = format == CaptureFormat.PCAPNG;
        this.comment = options.comment().getBytes(StandardCharsets.UTF_8);
    }

    /** What every file begins with. */
    MemorySegment header(final Arena arena) {
        return ng ? ngHeader(arena) : pcapHeader(arena);
    }

    private MemorySegment pcapHeader(final Arena arena) {
        final MemorySegment header = arena.allocate(PcapFormat.FILE_HEADER);
        final int magic = format == CaptureFormat.PCAP ? PcapFormat.MAGIC_MICROS : PcapFormat.MAGIC_NANOS;
        header.set(PcapFormat.LITTLE, 0, magic);
        header.set(PcapFormat.LITTLE, PcapFormat.VERSION_OFFSET, PcapFormat.VERSION);
        header.set(PcapFormat.LITTLE, PcapFormat.SNAPSHOT_LENGTH_OFFSET, snapLength);
        header.set(PcapFormat.LITTLE, PcapFormat.LINK_TYPE_OFFSET, PcapFormat.linkType(medium));
        return header;
    }

    private MemorySegment ngHeader(final Arena arena) {
        final int remark = comment.length == 0 ? 0 : 4 + PcapngFormat.padded(comment.length) + 4;
        final int section = PcapngFormat.BLOCK_OVERHEAD + 16 + remark;
        final int description = PcapngFormat.BLOCK_OVERHEAD + 8 + 12;
        final MemorySegment header = arena.allocate(section + description);
        frame(header, 0, PcapngFormat.SECTION_HEADER, section);
        header.set(PcapFormat.LITTLE, 8, PcapngFormat.BYTE_ORDER);
        header.set(PcapFormat.LITTLE, 12, PcapngFormat.VERSION);
        header.set(LONG, 16, -1L); // length of the section: not known
        if (remark > 0) {
            header.set(PcapFormat.LITTLE, 24, PcapngFormat.OPTION_COMMENT | comment.length << 16);
            MemorySegment.copy(comment, 0, header, ValueLayout.JAVA_BYTE, 28, comment.length);
        }
        frame(header, section, PcapngFormat.INTERFACE, description);
        header.set(PcapFormat.LITTLE, section + 8, PcapFormat.linkType(medium));
        header.set(PcapFormat.LITTLE, section + 12, snapLength);
        header.set(PcapFormat.LITTLE, section + 16, PcapngFormat.OPTION_TIME_RESOLUTION | 1 << 16);
        header.set(PcapFormat.LITTLE, section + 20, NANOSECONDS);
        header.set(PcapFormat.LITTLE, section + 24, PcapngFormat.OPTION_END);
        return header;
    }

    private static void frame(final MemorySegment to, final int at, final int type, final int length) {
        to.set(PcapFormat.LITTLE, at, type);
        to.set(PcapFormat.LITTLE, at + 4, length);
        to.set(PcapFormat.LITTLE, at + length - 4, length);
    }

    /** Bytes of the record of a packet of {@code length} bytes. */
    int size(final int length) {
        final int kept = Math.min(length, snapLength);
        return ng
                ? PcapngFormat.PACKET_BYTES + PcapngFormat.padded(kept) + PACKET_OPTIONS + 4
                : PcapFormat.RECORD_HEADER + kept;
    }

    /**
     * Writes a packet's record.
     *
     * @param timeMicros microseconds since 1970
     * @param sent whether it goes out
     */
    void write(
            final MemorySegment to,
            final int at,
            final long timeMicros,
            final boolean sent,
            final MemorySegment memory,
            final long offset,
            final int length) {
        final int kept = Math.min(length, snapLength);
        if (!ng) {
            final int fraction = (int) Math.floorMod(timeMicros, MICROS_PER_SECOND);
            to.set(PcapFormat.LITTLE, at, (int) Math.floorDiv(timeMicros, MICROS_PER_SECOND));
            to.set(
                    PcapFormat.LITTLE,
                    at + PcapFormat.FRACTION_OFFSET,
                    format == CaptureFormat.PCAP ? fraction : fraction * NANOS_PER_MICRO);
            to.set(PcapFormat.LITTLE, at + PcapFormat.CAPTURED_OFFSET, kept);
            to.set(PcapFormat.LITTLE, at + PcapFormat.ORIGINAL_OFFSET, length);
            MemorySegment.copy(memory, offset, to, at + PcapFormat.RECORD_HEADER, kept);
            return;
        }
        frame(to, at, PcapngFormat.ENHANCED_PACKET, size(length));
        final long nanos = timeMicros * NANOS_PER_MICRO;
        to.set(PcapFormat.LITTLE, at + 8, 0); // the interface
        to.set(PcapFormat.LITTLE, at + 12, (int) (nanos >>> 32));
        to.set(PcapFormat.LITTLE, at + 16, (int) nanos);
        to.set(PcapFormat.LITTLE, at + 20, kept);
        to.set(PcapFormat.LITTLE, at + 24, length);
        final int bytes = at + PcapngFormat.PACKET_BYTES;
        final int options = bytes + PcapngFormat.padded(kept);
        // Padding is written first, the packet's end over it.
        to.set(PcapFormat.LITTLE, Math.max(bytes, options - 4), 0);
        MemorySegment.copy(memory, offset, to, bytes, kept);
        to.set(PcapFormat.LITTLE, options, PcapngFormat.OPTION_FLAGS | 4 << 16);
        to.set(PcapFormat.LITTLE, options + 4, sent ? PcapngFormat.OUTBOUND : PcapngFormat.INBOUND);
        to.set(PcapFormat.LITTLE, options + 8, PcapngFormat.OPTION_END);
    }
}
