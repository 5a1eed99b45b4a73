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

/**
 * Reads a capture of libpcap's format, of either byte order, with timestamps in micro- or nanoseconds. The file is mapped,
 * not copied. Records are visited in turn: {@link #next()}, then the accessors.
 *
 * <p>Not thread-safe.
 */
public final class PcapReader implements AutoCloseable {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1000;

    private final Arena arena;
    private final MemorySegment file;
    private final ValueLayout.OfInt word;
    private final boolean nanos;
    private final Medium medium;
    private long position = PcapFormat.FILE_HEADER;
    private long timeMicros;
    private long offset;
    private int length;
    private boolean cut;

    private PcapReader(
            final Arena arena,
            final MemorySegment file,
            final ValueLayout.OfInt word,
            final boolean nanos,
            final Medium medium) {
        this.arena = arena;
        this.file = file;
        this.word = word;
        this.nanos = nanos;
        this.medium = medium;
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
        if (!little && swapped != PcapFormat.MAGIC_MICROS && swapped != PcapFormat.MAGIC_NANOS) {
            throw new PortException(
                    magic == PcapFormat.MAGIC_PCAPNG
                            ? path + " is a pcapng capture; convert it: editcap -F pcap " + path + " OUT.pcap"
                            : path + " is no capture of the pcap format");
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
        return new PcapReader(arena, file, word, nanos, medium);
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
        timeMicros = (file.get(word, position) & 0xFFFF_FFFFL) * MICROS_PER_SECOND
                + (nanos ? fraction / NANOS_PER_MICRO : fraction);
        offset = position + PcapFormat.RECORD_HEADER;
        length = (int) captured;
        position = offset + captured;
        return true;
    }

    /** Whether the file ended in the middle of a packet. */
    public boolean cut() {
        return cut;
    }

    /** When the packet was captured, in microseconds since 1970. */
    public long timeMicros() {
        return timeMicros;
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
