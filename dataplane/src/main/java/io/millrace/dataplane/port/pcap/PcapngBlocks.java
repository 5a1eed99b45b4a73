package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks through the blocks of a pcapng file and stops at packets. See {@link PcapngFormat}. */
final class PcapngBlocks {
    private static final int MICROSECONDS = 6;
    private static final double NANOS = 1e9;

    private final MemorySegment file;
    private final Medium medium;
    private final List<Interface> interfaces = new ArrayList<>();
    private ValueLayout.OfInt word = PcapFormat.LITTLE;
    private long position;
    private long offset;
    private int length;
    private long timeNanos;
    private boolean cut;

    /** Where the options of the packet begin and end; both 0 if it has none. */
    private long options;

    private long optionsEnd;

    /**
     * What a section says of an interface.
     *
     * @param medium null if it is neither Ethernet nor IP
     * @param nanosPerUnit what to multiply its timestamps by
     */
    private record Interface(@Nullable Medium medium, double nanosPerUnit) {}

    PcapngBlocks(final Path path, final MemorySegment file) {
        this.file = file;
        // The medium is that of the first interface, which comes before any packet of it.
        while (interfaces.isEmpty() && enter()) {
            position += blockLength();
        }
        if (interfaces.isEmpty()) {
            throw new PortException(path + " is a pcapng capture without an interface");
        }
        final Medium first = interfaces.getFirst().medium;
        if (first == null) {
            throw new PortException(path + " has packets that are neither Ethernet nor raw IP");
        }
        this.medium = first;
        interfaces.clear();
        position = 0;
    }

    Medium medium() {
        return medium;
    }

    boolean next() {
        while (enter()) {
            final long block = position;
            position += blockLength();
            if (isPacket(block)) {
                return true;
            }
        }
        return false;
    }

    long offset() {
        return offset;
    }

    int length() {
        return length;
    }

    long timeNanos() {
        return timeNanos;
    }

    /** What the file says of the packet; null if nothing. */
    @Nullable
    String comment() {
        for (long at = options; at + 4 <= optionsEnd; at += 4 + PcapngFormat.padded(u16(at + 2))) {
            final int size = u16(at + 2);
            if (u16(at) == PcapngFormat.OPTION_COMMENT && at + 4 + size <= optionsEnd) {
                return new String(file.asSlice(at + 4, size).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    boolean cut() {
        return cut;
    }

    /** Checks that the block at the position is whole, and remembers what it says for later ones. */
    private boolean enter() {
        final long left = file.byteSize() - position;
        if (left < PcapngFormat.BLOCK_OVERHEAD) {
            cut = left > 0;
            return false;
        }
        final int type = file.get(PcapFormat.LITTLE, position);
        if (type == PcapngFormat.SECTION_HEADER) {
            word = file.get(PcapFormat.LITTLE, position + PcapngFormat.BODY) == PcapngFormat.BYTE_ORDER
                    ? PcapFormat.LITTLE
                    : PcapFormat.BIG;
            interfaces.clear();
        }
        final long size = blockLength();
        if (size < PcapngFormat.BLOCK_OVERHEAD || size > left || (size & 3) != 0) {
            cut = true;
            return false;
        }
        if (file.get(word, position) == PcapngFormat.INTERFACE && size >= PcapngFormat.BLOCK_OVERHEAD + 8) {
            final int link = u16(position + PcapngFormat.BODY);
            interfaces.add(new Interface(PcapFormat.medium(link), nanosPerUnit(position + 16, position + size - 4)));
        }
        return true;
    }

    private long blockLength() {
        return file.get(word, position + 4) & 0xFFFF_FFFFL;
    }

    private int u16(final long at) {
        return file.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(word.order()), at) & 0xFFFF;
    }

    /** From the options of an interface; microseconds unless they say otherwise. */
    private double nanosPerUnit(final long from, final long end) {
        int resolution = MICROSECONDS;
        for (long at = from; at + 4 <= end; at += 4 + PcapngFormat.padded(u16(at + 2))) {
            final int code = u16(at);
            if (code == PcapngFormat.OPTION_END) {
                break;
            }
            if (code == PcapngFormat.OPTION_TIME_RESOLUTION && at + 4 < end) {
                resolution = file.get(ValueLayout.JAVA_BYTE, at + 4);
            }
        }
        // The upper bit tells negative powers of 2 from those of 10.
        return resolution < 0 ? NANOS / Math.pow(2, resolution & 0x7F) : NANOS / Math.pow(10, resolution);
    }

    private boolean isPacket(final long block) {
        final int type = file.get(word, block);
        final long end = position - 4;
        if (type == PcapngFormat.ENHANCED_PACKET && end - block >= PcapngFormat.PACKET_BYTES) {
            final long high = file.get(word, block + 12) & 0xFFFF_FFFFL;
            final long time = (high << 32) | (file.get(word, block + 16) & 0xFFFF_FFFFL);
            return found(
                    file.get(word, block + 8),
                    time,
                    block + PcapngFormat.PACKET_BYTES,
                    file.get(word, block + 20),
                    end);
        }
        if (type == PcapngFormat.SIMPLE_PACKET && end - block >= 12) {
            // Without a time, and as long as the block has room for.
            final long original = file.get(word, block + 8) & 0xFFFF_FFFFL;
            return found(0, 0, block + 12, (int) Math.min(original, end - block - 12), end);
        }
        return false;
    }

    private boolean found(final int index, final long time, final long at, final int captured, final long end) {
        if (index < 0 || index >= interfaces.size() || captured < 0 || captured > end - at) {
            return false;
        }
        final Interface of = interfaces.get(index);
        if (of.medium != medium) {
            return false;
        }
        offset = at;
        length = captured;
        options = at + PcapngFormat.padded(captured); // a simple packet's block ends there
        optionsEnd = end;
        // Whole nanoseconds must not go through a double: they have more bits than it has.
        timeNanos =
                of.nanosPerUnit == 1 ? time : of.nanosPerUnit == 1000 ? time * 1000 : (long) (time * of.nanosPerUnit);
        return true;
    }
}
