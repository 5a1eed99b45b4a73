package io.millrace.dataplane.port;

import io.millrace.dataplane.counter.Counters;

/**
 * Totals of a port since it was opened, over all queues.
 *
 * @param rxPackets packets handed to the application
 * @param rxBytes their bytes, link header included
 * @param txPackets packets taken from the application
 * @param txBytes their bytes, link header included
 * @param rxMissed packets that the device dropped since no buffer or queue place was free
 * @param rxErrors packets that the device or this port refused
 * @param txErrors packets that the device could not send
 */
public record PortStats(
        long rxPackets, long rxBytes, long txPackets, long txBytes, long rxMissed, long rxErrors, long txErrors) {
    /** Nothing yet. */
    public static final PortStats ZERO = new PortStats(0, 0, 0, 0, 0, 0, 0);

    /** These totals and what one more queue counted. */
    public PortStats plus(final Counters<PortCounter> queue) {
        return new PortStats(
                rxPackets + queue.get(PortCounter.RX_PACKETS),
                rxBytes + queue.get(PortCounter.RX_BYTES),
                txPackets + queue.get(PortCounter.TX_PACKETS),
                txBytes + queue.get(PortCounter.TX_BYTES),
                rxMissed + queue.get(PortCounter.RX_MISSED),
                rxErrors + queue.get(PortCounter.RX_ERRORS),
                txErrors + queue.get(PortCounter.TX_ERRORS));
    }

    /** These totals and packets that were dropped on their way from the device to the application. */
    public PortStats plusMissed(final long packets) {
        return new PortStats(rxPackets, rxBytes, txPackets, txBytes, rxMissed + packets, rxErrors, txErrors);
    }

    /** These totals and packets that were dropped on their way from the application to the device. */
    public PortStats plusUnsent(final long packets) {
        return new PortStats(rxPackets, rxBytes, txPackets, txBytes, rxMissed, rxErrors, txErrors + packets);
    }
}
