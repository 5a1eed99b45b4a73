package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;

/**
 * Looks the destinations of a burst up together, before its packets are taken one by one: in a large table of routes the
 * loads then wait for memory side by side, and what each packet's own look-up needs is near. What is found is not used,
 * since a packet can change the routes for the next one.
 */
final class LookAhead {
    private final PacketPool pool;
    private final RouteTable table;
    private final long[] his4;
    private final long[] los4;
    private final long[] his6;
    private final long[] los6;
    private final int[] found;

    /**
     * Makes one.
     *
     * @param burst most packets at once
     */
    LookAhead(final PacketPool pool, final RouteTable table, final int burst) {
        this.pool = pool;
        this.table = table;
        this.his4 = new long[burst];
        this.los4 = new long[burst];
        this.his6 = new long[burst];
        this.los6 = new long[burst];
        this.found = new int[burst];
    }

    /**
     * Looks packets up that are going to be forwarded; others do no harm.
     *
     * @param headerLength bytes of the link's header
     * @return how many destinations were looked up
     */
    int lookUp(final long[] handles, final int count, final int headerLength) {
        if (!table.isLarge()) {
            return 0;
        }
        final MemorySegment memory = pool.memory();
        int number4 = 0;
        int number6 = 0;
        for (int i = 0; i < count; i++) {
            final long offset = pool.dataOffset(handles[i]) + headerLength;
            final int length = BufferHeader.length(memory, handles[i]) - headerLength;
            if (length < Ipv4View.MIN_LENGTH) {
                continue;
            }
            final int version = Ipv4View.version(memory, offset);
            if (version == IpFamily.V4) {
                los4[number4++] = Net.u32(memory, offset + Ipv4View.DST_OFFSET);
            } else if (version == IpFamily.V6 && length >= Ipv6View.LENGTH) {
                his6[number6] = Net.i64(memory, offset + Ipv6View.DST_OFFSET);
                los6[number6++] = Net.i64(memory, offset + Ipv6View.DST_OFFSET + Long.BYTES);
            }
        }
        table.findHops(IpFamily.V4, his4, los4, number4, found);
        table.findHops(IpFamily.V6, his6, los6, number6, found);
        return number4 + number6;
    }
}
