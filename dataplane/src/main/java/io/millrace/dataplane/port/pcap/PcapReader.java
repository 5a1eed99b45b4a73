package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads a capture of libpcap's format, of either byte order, with timestamps in micro- or nanoseconds, or of the pcapng
 * format. The file is mapped, not copied. Records are visited in turn: {@link #next()}, then the accessors.
 *
 * <p>Of a pcapng file with several interfaces only the packets of those are seen that have the medium of the first.
 *
 * <p>Not thread-safe.
 */
public final class PcapReader implements AutoCloseable {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int NANOS_PER_MICRO = 1000;

    private final Arena arena;
    private final MemorySegment file;
    private final ValueLayout.OfInt word;
    private final int nanosPerUnit;
    private final Medium medium;
    private final @Nullable PcapngBlocks blocks;
    private long position = PcapFormat.FILE_HEADER;
    private long timeNanos;
    private long offset;
    private int length;
    private boolean cut;

    private PcapReader(
            final Arena arena,
            final MemorySegment file,
            final ValueLayout.OfInt word,
            final int nanosPerUnit,
            final Medium medium,
            final @Nullable PcapngBlocks blocks) {
        this.arena = arena;
        this.file = file;
        this.word = word;
        this.nanosPerUnit = nanosPerUnit;
        this.medium = medium;
        this.blocks = blocks;
    }

    /**
     * Opens a capture.
     *
     * @throws PortException if it cannot be read, or is none, or is of packets that are neither Ethernet nor IP
     */
    @SuppressWarnings("MustBeClosed") // the reader owns its arena and closes it
    public static PcapReader open(final Path path) {
        final Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return parse(path, arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (final IOException e) {
            arena.close();
            final String reason = e instanceof NoSuchFileException ? "there is no such file" : e.getMessage();
            throw new PortException("cannot read the capture " + path + ": " + reason, e);
        } catch (final PortException e) {
            arena.close();
            throw e;
        }
    }

    private static PcapReader parse(final Path path, final Arena arena, final MemorySegment file) {
        if (file.byteSize() < PcapFormat.FILE_HEADER) {
            throw new PortException(path + " is no capture: it has " + file.byteSize() + " bytes, less than a header");
        }
        final int magic = file.get(PcapFormat.LITTLE, 0);
        final int swapped = Integer.reverseBytes(magic);
        final boolean little = magic == PcapFormat.MAGIC_MICROS || magic == PcapFormat.MAGIC_NANOS;
        if (magic == PcapngFormat.SECTION_HEADER) {
            final PcapngBlocks blocks = new PcapngBlocks(path, file);
            return new PcapReader(arena, file, PcapFormat.LITTLE, 1, blocks.medium(), blocks);
        }
        if (!little && swapped != PcapFormat.MAGIC_MICROS && swapped != PcapFormat.MAGIC_NANOS) {
            throw new PortException(path + " is no capture of the formats pcap and pcapng");
        }
        final ValueLayout.OfInt word = little ? PcapFormat.LITTLE : PcapFormat.BIG;
        // The upper bits of the word say how long the frame check sequence is.
        final int linkType = file.get(word, PcapFormat.LINK_TYPE_OFFSET) & 0xFFFF;
        final Medium medium = PcapFormat.medium(linkType);
        if (medium == null) {
            throw new PortException(
                    path + " has packets of link type " + linkType + "; only Ethernet (1) and raw IP (101) are known");
        }
        final boolean nanos = (little ? magic : swapped) == PcapFormat.MAGIC_NANOS;
        return new PcapReader(arena, file, word, nanos ? 1 : NANOS_PER_MICRO, medium, null);
    }

    /** What the packets begin with. */
    public Medium medium() {
        return medium;
    }

    /**
     * Goes to the next packet.
     *
     * @return false at the end of the file, or where it is cut off or damaged, which {@link #cut()} tells apart
     */
    public boolean next() {
        if (blocks != null) {
            return nextBlock(blocks);
        }
        final long left = file.byteSize() - position;
        if (left < PcapFormat.RECORD_HEADER) {
            cut = left > 0;
            return false;
        }
        final long captured = file.get(word, position + PcapFormat.CAPTURED_OFFSET) & 0xFFFF_FFFFL;
        if (captured > left - PcapFormat.RECORD_HEADER || captured > Integer.MAX_VALUE) {
            cut = true;
            return false;
        }
        final long fraction = file.get(word, position + PcapFormat.FRACTION_OFFSET) & 0xFFFF_FFFFL;
        timeNanos = (file.get(word, position) & 0xFFFF_FFFFL) * NANOS_PER_SECOND + fraction * nanosPerUnit;
        offset = position + PcapFormat.RECORD_HEADER;
        length = (int) captured;
        position = offset + captured;
        return true;
    }

    private boolean nextBlock(final PcapngBlocks from) {
        if (!from.next()) {
            cut = from.cut();
            return false;
        }
        timeNanos = from.timeNanos();
        offset = from.offset();
        length = from.length();
        return true;
    }

    /** Whether the file ended in the middle of a packet. */
    public boolean cut() {
        return cut;
    }

    /** When the packet was captured, in microseconds since 1970. */
    public long timeMicros() {
        return Math.floorDiv(timeNanos, NANOS_PER_MICRO);
    }

    /** When the packet was captured, in nanoseconds since 1970. */
    public long timeNanos() {
        return timeNanos;
    }

    /** What a pcapng file says of the packet in words; null if nothing. Allocates. */
    public @Nullable String comment() {
        return blocks == null ? null : blocks.comment();
    }

    /** The whole file, read-only. */
    public MemorySegment memory() {
        return file;
    }

    /** Offset of the packet's first byte within {@link #memory()}. */
    public long offset() {
        return offset;
    }

    /** Bytes of the packet that are in the file. */
    public int length() {
        return length;
    }

    /** Unmaps the file. Harmless when called again. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
