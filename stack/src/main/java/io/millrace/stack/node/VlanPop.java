package io.millrace.stack.node;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.wire.EthernetView;
import java.lang.foreign.MemorySegment;

/**
 * Takes the tags off the frames of a VLAN (IEEE 802.1Q), and drops those of others. The MAC addresses move over the tags;
 * nothing else is touched. Edge: {@code out}.
 */
public final class VlanPop extends Node {
    private final Edge out = edge("out");
    private final Reason otherVlan = reason("otherVlan", "frames of another VLAN, or of none");
    private final Reason tooShort = reason("tooShort", "frames shorter than their header");
    private final VlanFilter vlan;

    /**
     * Makes one.
     *
     * @param vlan whose frames go on; with {@link VlanFilter#ANY} those with up to two tags
     */
    public VlanPop(final String name, final VlanFilter vlan) {
        super(name);
        this.vlan = vlan;
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        final MemorySegment memory = burst.memory();
        for (int i = 0; i < burst.count(); i++) {
            final long offset = burst.offset(i);
            final int length = burst.length(i);
            final int header =
                    length < EthernetView.LENGTH ? VlanFilter.TRUNCATED : vlan.headerLength(memory, offset, length);
            if (header < 0) {
                burst.drop(i, header == VlanFilter.TRUNCATED ? tooShort : otherVlan);
                continue;
            }
            final int tags = header - EthernetView.LENGTH;
            if (tags > 0) {
                final long front = Net.i64(memory, offset);
                final int back = Net.i32(memory, offset + 8);
                Net.put64(memory, offset + tags, front);
                Net.put32(memory, offset + tags + 8, back);
                final long handle = burst.handle(i);
                BufferHeader.dataOff(memory, handle, BufferHeader.dataOff(memory, handle) + tags);
                BufferHeader.length(memory, handle, length - tags);
            }
            burst.send(i, out);
        }
    }
}
