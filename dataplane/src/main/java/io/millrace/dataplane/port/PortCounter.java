package io.millrace.dataplane.port;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a queue of a port counts, where no device does. */
public enum PortCounter implements CounterName {
    /** Packets handed to the application. */
    RX_PACKETS("portRxPackets", "packets handed to the application", false),
    /** Their bytes. */
    RX_BYTES("portRxBytes", "bytes handed to the application, link headers included", false),
    /** Packets taken from the application. */
    TX_PACKETS("portTxPackets", "packets taken from the application", false),
    /** Their bytes. */
    TX_BYTES("portTxBytes", "bytes taken from the application, link headers included", false),
    /** No buffer for a packet that came in. */
    RX_MISSED("portRxMissed", "packets that came in while no buffer was free", true),
    /** A packet that came in could not be read. */
    RX_ERRORS("portRxErrors", "packets that the port could not read", true),
    /** A packet could not be sent. */
    TX_ERRORS("portTxErrors", "packets that the device refused to send", true);

    private final CounterLabel label;

    PortCounter(final String key, final String description, final boolean drop) {
        this.label = new CounterLabel(key, description, drop);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}
