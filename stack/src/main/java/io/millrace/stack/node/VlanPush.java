package io.millrace.stack.node;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.wire.EthernetView;
import java.lang.foreign.MemorySegment;

/**
 * Puts the tags of a VLAN (IEEE 802.1Q) on every frame, with priority 0, over the buffer's headroom; tags that a frame
 * has already stay behind them. Edge: {@code out}.
 */
public final class VlanPush extends Node {
    private final Edge out = edge("out");
    private final Reason noRoomInFront = reason("noRoomInFront", "frames whose buffer has no room for the tags");
    private final Reason tooShort = reason("tooShort", "frames shorter than an Ethernet header");
    private final VlanFilter vlan;
    private final int tags;

    /**
     * Makes one.
     *
     * @param vlan whose tags frames get; with {@link VlanFilter#ANY} and {@link VlanFilter#NONE} they stay as they are
     */
    public VlanPush(final String name, final VlanFilter vlan) {
        super(name);
        this.vlan = vlan;
        this.tags = vlan.sentLength() - EthernetView.LENGTH;
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        final MemorySegment memory = burst.memory();
        for (int i = 0; i < burst.count(); i++) {
            final long handle = burst.handle(i);
            if (burst.length(i) < EthernetView.LENGTH) {
                burst.drop(i, tooShort);
            } else if (BufferHeader.dataOff(memory, handle) < tags) {
                burst.drop(i, noRoomInFront);
            } else {
                push(memory, handle, burst.offset(i));
                burst.send(i, out);
            }
        }
    }

    private void push(final MemorySegment memory, final long handle, final long offset) {
        if (tags > 0) {
            final long dst = EthernetView.dst(memory, offset);
            final long src = EthernetView.src(memory, offset);
            final int type = EthernetView.type(memory, offset);
            BufferHeader.prepend(memory, handle, tags);
            vlan.write(memory, offset - tags, dst, src, type);
        }
    }
}
