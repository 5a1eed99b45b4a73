package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a queue of a DPDK port counts. */
public enum DpdkCounter implements CounterName {
    /** Packets handed to the application. */
    RX_PACKETS("dpdkRxPackets", "packets handed to the application", false),
    /** Their bytes. */
    RX_BYTES("dpdkRxBytes", "bytes handed to the application, link headers included", false),
    /** Packets taken from the application and by the driver. */
    TX_PACKETS("dpdkTxPackets", "packets taken from the application", false),
    /** Their bytes. */
    TX_BYTES("dpdkTxBytes", "bytes taken from the application, link headers included", false),
    /** The buffer is not one of the port's pool: from another pool, attached to another buffer, or in outside memory. */
    RX_FOREIGN_BUFFER("dpdkRxForeignBuffer", "received packets that were not in a buffer of the port's pool", true),
    /** Somebody else holds a reference to the buffer. */
    RX_SHARED_BUFFER("dpdkRxSharedBuffer", "received packets whose buffer somebody else holds too", true),
    /** The packet lay in several buffers and was copied into one. */
    RX_LINEARISED("dpdkRxLinearised", "received packets that lay in several buffers and were copied into one", false),
    /** The packet lies in several buffers, and fits into none, or there was none for a copy. */
    RX_SCATTERED("dpdkRxScattered", "received packets in several buffers that could not be copied into one", true),
    /** The packet does not lie within its buffer's data room. */
    RX_BAD_LENGTH("dpdkRxBadLength", "received packets that do not lie within their buffer", true),
    /** A packet that the application sends does not lie within its buffer's data room, or is empty. */
    TX_BAD_LENGTH("dpdkTxBadLength", "packets to send that are empty or do not lie within their buffer", true),
    /** The driver cannot do to a packet what that leaves to it. */
    TX_REFUSED("dpdkTxRefused", "packets to send that the driver cannot cut or complete", true);

    private final CounterLabel label;

    DpdkCounter(final String key, final String description, final boolean drop) {
        this.label = new CounterLabel(key, description, drop);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}
