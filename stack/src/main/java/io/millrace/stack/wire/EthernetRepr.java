package io.millrace.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * An Ethernet II header with up to two VLAN tags; reused from frame to frame.
 *
 * <p>Not thread-safe, as all classes of this kind: plain fields, filled and read by one thread.
 */
public final class EthernetRepr {
    /** Most tags that a frame may have. */
    public static final int MAX_TAGS = 2;

    /** Destination address in the low 48 bits. */
    public long dst;
    /** Source address in the low 48 bits. */
    public long src;
    /** EtherType of the payload, behind the tags; less than {@link EthernetView#MIN_TYPE} for an IEEE 802.3 frame. */
    public int type;
    /** Number of tags, 0 to {@link #MAX_TAGS}. */
    public int tags;
    /** EtherTypes of the tags, the outer one first. */
    public final int[] tagTypes = new int[MAX_TAGS];
    /** VLAN ids of the tags, 0 to 4095. */
    public final int[] vlanIds = new int[MAX_TAGS];
    /** Priorities of the tags, 0 to 7. */
    public final int[] priorities = new int[MAX_TAGS];
    /** Whether the frame may be dropped before others, for each tag. */
    public final boolean[] dropEligible = new boolean[MAX_TAGS];

    /** Bytes of the header with its tags. */
    public int headerLength() {
        return EthernetView.LENGTH + tags * VlanView.LENGTH;
    }

    /**
     * Reads a header.
     *
     * @param length bytes of the frame
     * @return false if the frame is shorter than its header, or has more tags than {@link #MAX_TAGS}; the fields are then
     *     meaningless
     */
    public boolean parse(final MemorySegment memory, final long offset, final int length) {
        if (length < EthernetView.LENGTH) {
            return false;
        }
        dst = EthernetView.dst(memory, offset);
        src = EthernetView.src(memory, offset);
        type = EthernetView.type(memory, offset);
        tags = 0;
        int at = EthernetView.LENGTH;
        while (VlanView.isTag(type)) {
            if (tags == MAX_TAGS || length - at < VlanView.LENGTH) {
                return false;
            }
            tagTypes[tags] = type;
            vlanIds[tags] = VlanView.id(memory, offset + at);
            priorities[tags] = VlanView.priority(memory, offset + at);
            dropEligible[tags] = VlanView.dropEligible(memory, offset + at);
            type = VlanView.type(memory, offset + at);
            tags++;
            at += VlanView.LENGTH;
        }
        return true;
    }

    /** Writes {@link #headerLength()} bytes. */
    public void emit(final MemorySegment memory, final long offset) {
        EthernetView.write(memory, offset, dst, src, tags == 0 ? type : tagTypes[0]);
        long at = offset + EthernetView.LENGTH;
        for (int i = 0; i < tags; i++) {
            final int next = i + 1 < tags ? tagTypes[i + 1] : type;
            VlanView.write(memory, at, vlanIds[i], priorities[i], dropEligible[i], next);
            at += VlanView.LENGTH;
        }
    }
}
