package io.millrace.stack;

import io.millrace.dataplane.counter.CounterName;

/** Everything that a stack counts. Each dropped packet is counted once, under the reason why. */
public enum StackCounter implements CounterName {
    /** Packets that came in. */
    RX_PACKETS("rxPackets", "packets received", false),
    /** Bytes that came in, link header included. */
    RX_BYTES("rxBytes", "bytes received, link headers included", false),
    /** Packets handed to ports. */
    TX_PACKETS("txPackets", "packets sent", false),
    /** Bytes handed to ports, link header included. */
    TX_BYTES("txBytes", "bytes sent, link headers included", false);

    private final String key;
    private final String description;
    private final boolean drop;

    StackCounter(final String key, final String description, final boolean drop) {
        this.key = key;
        this.description = description;
        this.drop = drop;
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public boolean drop() {
        return drop;
    }
}
