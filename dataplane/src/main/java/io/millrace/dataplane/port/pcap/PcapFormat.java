package io.millrace.dataplane.port.pcap;

import io.millrace.dataplane.port.Medium;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of the libpcap 2.4 format (draft-ietf-opsawg-pcap). A file is written in the byte order of its writer, which
 * the magic number shows; here that is little-endian.
 *
 * <pre>
 *  file header, 24 bytes:  magic | major 16, minor 16 | 0 | 0 | snapshot length | link type
 *  packet record:          seconds | fraction | captured length | original length | bytes
 * </pre>
 */
final class PcapFormat {
    static final int FILE_HEADER = 24;
    static final int RECORD_HEADER = 16;

    /** Timestamps are seconds and microseconds. */
    static final int MAGIC_MICROS = 0xA1B2_C3D4;

    /** Timestamps are seconds and nanoseconds. */
    static final int MAGIC_NANOS = 0xA1B2_3C4D;

    static final int VERSION_OFFSET = 4;
    static final int SNAPSHOT_LENGTH_OFFSET = 16;
    static final int LINK_TYPE_OFFSET = 20;

    /** Major 2, minor 4, as one little-endian word. */
    static final int VERSION = 4 << 16 | 2;

    /** No packet is longer than its buffer, so none is ever cut. */
    static final int SNAPSHOT_LENGTH = 0x4_0000;

    static final int FRACTION_OFFSET = 4;
    static final int CAPTURED_OFFSET = 8;
    static final int ORIGINAL_OFFSET = 12;

    static final int LINK_ETHERNET = 1;
    static final int LINK_RAW_BSD = 12;
    static final int LINK_RAW = 101;
    static final int LINK_IPV4 = 228;
    static final int LINK_IPV6 = 229;

    static final ValueLayout.OfInt LITTLE = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt BIG = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private PcapFormat() {}

    static int linkType(final Medium medium) {
        return switch (medium) {
            case ETHERNET -> LINK_ETHERNET;
            case IP -> LINK_RAW;
        };
    }

    /** The medium of a link type; null if it is neither Ethernet nor IP. */
    static @Nullable Medium medium(final int linkType) {
        return switch (linkType) {
            case LINK_ETHERNET -> Medium.ETHERNET;
            case LINK_RAW, LINK_RAW_BSD, LINK_IPV4, LINK_IPV6 -> Medium.IP;
            default -> null;
        };
    }
}
