package io.millrace.stack.node;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.VlanView;
import java.lang.foreign.MemorySegment;

/** The Ethernet header of a frame, with up to two VLAN tags. */
final class LinkHeader {
    private static final int MAX_TAGS = 2;

    private LinkHeader() {}

    /**
     * Bytes of the header, tags included.
     *
     * @param length bytes of the frame
     * @return -1 if the frame is shorter than that, or has more than two tags
     */
    static int length(final MemorySegment memory, final long offset, final int length) {
        int header = EthernetView.LENGTH;
        for (int tags = 0; header <= length; tags++) {
            if (!VlanView.isTag(type(memory, offset, header))) {
                return header;
            }
            if (tags == MAX_TAGS) {
                return -1;
            }
            header += VlanView.LENGTH;
        }
        return -1;
    }

    /** EtherType of what is behind a header of so many bytes. */
    static int type(final MemorySegment memory, final long offset, final int header) {
        return Net.u16(memory, offset + header - 2);
    }
}
