package io.millrace.stack.iface;

import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.VlanView;
import java.lang.foreign.MemorySegment;

/**
 * Which VLAN an Ethernet interface belongs to (IEEE 802.1Q): what tags it takes off received frames and puts on those it
 * sends.
 *
 * <ul>
 *   <li>{@link #NONE}: untagged frames, and those that carry a priority but no VLAN (id 0); sent untagged.
 *   <li>{@link #of}: frames of one VLAN; sent with its tag, EtherType 0x8100.
 *   <li>{@link #stacked}: frames of one customer VLAN within one service VLAN (QinQ); sent with both tags, EtherTypes
 *       0x88A8 and 0x8100. Received outer tags may have either EtherType.
 *   <li>{@link #ANY}: every frame with up to two tags; sent untagged.
 * </ul>
 *
 * <p>Tags come on top of the MTU: a frame is four bytes longer for each, which the port must be able to carry.
 *
 * @param tags number of tags that frames have, 0 to 2
 * @param outer id of the outer tag, 1 to 4094; 0 if there is none
 * @param inner id of the inner tag of two, 1 to 4094; 0 if there is none
 * @param any whether ids do not matter
 */
public record VlanFilter(int tags, int outer, int inner, boolean any) {
    /** Untagged frames only. */
    public static final VlanFilter NONE = new VlanFilter(0, 0, 0, false);

    /** Whatever the tags. */
    public static final VlanFilter ANY = new VlanFilter(0, 0, 0, true);

    /** Result of {@link #headerLength}: the frame is of another VLAN. */
    public static final int OTHER_VLAN = -1;

    /** Result of {@link #headerLength}: the frame ends within its tags. */
    public static final int TRUNCATED = -2;

    private static final int MAX_TAGS = 2;

    /**
     * Checks the ids.
     *
     * @throws IllegalArgumentException if an id is out of its range, or there are more than two tags
     */
    public VlanFilter {
        if (tags < 0 || tags > MAX_TAGS || (any && tags > 0)) {
            throw new IllegalArgumentException(tags + " VLAN tags; there are 0 to " + MAX_TAGS);
        }
        check(tags > 0, outer, "VLAN id");
        check(tags > 1, inner, "inner VLAN id");
    }

    /** Frames of one VLAN, 1 to 4094. */
    public static VlanFilter of(final int id) {
        return new VlanFilter(1, id, 0, false);
    }

    /** Frames of a customer VLAN within a service VLAN, each 1 to 4094. */
    public static VlanFilter stacked(final int service, final int customer) {
        return new VlanFilter(2, service, customer, false);
    }

    /** Bytes of the header of frames that are sent, with all tags. */
    public int sentLength() {
        return EthernetView.LENGTH + tags * VlanView.LENGTH;
    }

    /**
     * Writes the header of a frame that is sent: its addresses, the tags, and the EtherType of its payload.
     *
     * @param offset where {@link #sentLength} bytes are
     */
    public void write(final MemorySegment memory, final long offset, final long dst, final long src, final int type) {
        if (tags == 0) {
            EthernetView.write(memory, offset, dst, src, type);
            return;
        }
        final long tag = offset + EthernetView.LENGTH;
        if (tags == 1) {
            EthernetView.write(memory, offset, dst, src, EthernetView.TYPE_VLAN);
            VlanView.write(memory, tag, outer, 0, false, type);
            return;
        }
        EthernetView.write(memory, offset, dst, src, EthernetView.TYPE_SERVICE_VLAN);
        VlanView.write(memory, tag, outer, 0, false, EthernetView.TYPE_VLAN);
        VlanView.write(memory, tag + VlanView.LENGTH, inner, 0, false, type);
    }

    /**
     * Judges a received frame.
     *
     * @param length bytes of the frame, at least an Ethernet header's
     * @return bytes of its header with all tags, the last two the payload's EtherType; {@link #OTHER_VLAN} or {@link
     *     #TRUNCATED}
     */
    public int headerLength(final MemorySegment memory, final long offset, final int length) {
        int type = EthernetView.type(memory, offset);
        int at = EthernetView.LENGTH;
        int found = 0;
        while (VlanView.isTag(type)) {
            if (length - at < VlanView.LENGTH) {
                return TRUNCATED;
            }
            if (found == MAX_TAGS || !takes(found, VlanView.id(memory, offset + at))) {
                return OTHER_VLAN;
            }
            type = VlanView.type(memory, offset + at);
            at += VlanView.LENGTH;
            found++;
        }
        return found < tags ? OTHER_VLAN : at;
    }

    private boolean takes(final int place, final int id) {
        if (any) {
            return true;
        }
        if (place >= tags) {
            return id == VlanView.PRIORITY_ONLY;
        }
        return id == (place == 0 ? outer : inner);
    }

    private static void check(final boolean there, final int id, final String what) {
        if (there ? id < 1 || id > VlanView.MAX_ID : id != 0) {
            throw new IllegalArgumentException(what + " is " + id + "; it is 1 to " + VlanView.MAX_ID);
        }
    }
}
