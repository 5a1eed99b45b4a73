package io.millrace.dataplane.port.pcap;

/**
 * Numbers of the pcapng format (draft-ietf-opsawg-pcapng). A file is a sequence of blocks, each padded to 32 bits; its
 * sections are in the byte order of their writer, here little-endian.
 *
 * <pre>
 *  block:             type | length | body ... | length again
 *  section header:    0x0A0D0D0A | length | byte-order magic | major 16, minor 16 | section length 64 | options | length
 *  interface:         1 | length | link type 16, 0 | snap length | options | length
 *  enhanced packet:   6 | length | interface | time, high | time, low | captured | original | bytes | options | length
 *  simple packet:     3 | length | original | bytes | length
 *  option:            code 16, length 16 | value, padded
 * </pre>
 */
final class PcapngFormat {
    static final int SECTION_HEADER = 0x0A0D_0D0A;
    static final int BYTE_ORDER = 0x1A2B_3C4D;
    static final int INTERFACE = 1;
    static final int SIMPLE_PACKET = 3;
    static final int ENHANCED_PACKET = 6;

    static final int BLOCK_OVERHEAD = 12;
    static final int BODY = 8;

    /** From the begin of an enhanced packet block to its bytes. */
    static final int PACKET_BYTES = 28;

    /** Major 1, minor 0. */
    static final int VERSION = 1;

    static final int OPTION_END = 0;
    static final int OPTION_COMMENT = 1;
    static final int OPTION_TIME_RESOLUTION = 9;
    static final int OPTION_FLAGS = 2;

    /** Direction in the flags of a packet. */
    static final int INBOUND = 1;

    static final int OUTBOUND = 2;

    private PcapngFormat() {}

    static int padded(final int length) {
        return length + 3 & ~3;
    }
}
