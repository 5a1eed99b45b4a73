package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a {@link RateMeter} counts on each queue, link headers included. */
public enum MeterCounter implements CounterName {
    /** Packets received. */
    RX_PACKETS("meterRxPackets", "packets received through the meter"),
    /** Bytes received. */
    RX_BYTES("meterRxBytes", "bytes received through the meter"),
    /** Packets sent. */
    TX_PACKETS("meterTxPackets", "packets taken for sending through the meter"),
    /** Bytes sent. */
    TX_BYTES("meterTxBytes", "bytes taken for sending through the meter");

    private final CounterLabel label;

    MeterCounter(final String key, final String description) {
        this.label = new CounterLabel(key, description, false);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}
