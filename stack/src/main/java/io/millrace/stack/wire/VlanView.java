package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * A VLAN tag in place (IEEE 802.1Q clause 9): what stands behind the EtherType that announces it. All methods take the
 * memory and the offset of the tag control information, which is where the payload of an untagged frame begins; the
 * caller has checked that {@link #LENGTH} bytes are there.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *                                 +-------------------------------+
 *                                 | EtherType of the tag (before) |
 * +-----+-+-----------------------+-------------------------------+
 * | PCP |D|       VLAN id         |   EtherType of what follows   |
 * +-----+-+-----------------------+-------------------------------+
 * </pre>
 *
 * <p>A frame with two tags (QinQ) has a service tag, EtherType 0x88A8, outside and a customer tag, 0x8100, inside; old
 * equipment uses 0x8100 for both.
 */
public final class VlanView {
    /** Bytes that a tag adds to a frame. */
    public static final int LENGTH = 4;

    /** Largest id of a VLAN. */
    public static final int MAX_ID = 4094;

    /** Id of a frame that has a priority but belongs to no VLAN. */
    public static final int PRIORITY_ONLY = 0;

    /** Largest value of an id's 12 bits; no frame may carry it. */
    public static final int RESERVED_ID = 0xFFF;

    private static final int ID_BITS = 0xFFF;
    private static final int DROP_ELIGIBLE = 0x1000;
    private static final int TYPE_OFFSET = 2;

    private VlanView() {}

    /** Whether an EtherType announces a tag. */
    public static boolean isTag(final int type) {
        return type == EthernetView.TYPE_VLAN || type == EthernetView.TYPE_SERVICE_VLAN;
    }

    /** VLAN id, 0 to 4095. */
    public static int id(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset) & ID_BITS;
    }

    /** Priority code point, 0 to 7. */
    public static int priority(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset) >>> 13;
    }

    /** Whether the frame may be dropped before others. */
    public static boolean dropEligible(final MemorySegment memory, final long offset) {
        return (Net.u16(memory, offset) & DROP_ELIGIBLE) != 0;
    }

    /** EtherType of what follows: another tag's or the payload's. */
    public static int type(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + TYPE_OFFSET);
    }

    /**
     * Writes a tag.
     *
     * @param id of the VLAN, of which the low 12 bits count
     * @param priority code point, of which the low 3 bits count
     * @param dropEligible whether the frame may be dropped before others
     * @param type EtherType of what follows, of which the low 16 bits count
     */
    public static void write(
            final MemorySegment memory,
            final long offset,
            final int id,
            final int priority,
            final boolean dropEligible,
            final int type) {
        final int control = priority << 13 | (dropEligible ? DROP_ELIGIBLE : 0) | (id & ID_BITS);
        Net.put32(memory, offset, control << 16 | (type & 0xFFFF));
    }
}
