package io.millrace.dataplane.port.sim;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a simulated wire did to the packets that one end sent. */
public enum WireCounter implements CounterName {
    /** Packets that arrived at the other end. */
    DELIVERED("wireDelivered", "packets that arrived at the other end", false),
    /** Lost by chance. */
    LOST("wireLost", "packets lost by chance", true),
    /** Lost since the wire was cut. */
    LINK_DOWN("wireLinkDown", "packets sent while the wire was cut", true),
    /** No room in the queue in front of the link. */
    QUEUE_FULL("wireQueueFull", "packets that found the queue in front of the link full", true),
    /** Longer than the MTU allows. */
    OVERSIZE("wireOversize", "packets longer than the MTU allows", true),
    /** The receiver had no buffer left, or none long enough. */
    NO_BUFFER("wireNoBuffer", "packets for which the receiver had no buffer", true),
    /** Arrived twice. */
    DUPLICATED("wireDuplicated", "packets sent twice by the wire", false),
    /** Held back. */
    REORDERED("wireReordered", "packets held back by the wire", false),
    /** One bit flipped. */
    CORRUPTED("wireCorrupted", "packets in which the wire flipped a bit", false);

    private final CounterLabel label;

    WireCounter(final String key, final String description, final boolean drop) {
        this.label = new CounterLabel(key, description, drop);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}
