package io.millrace.dataplane.port;

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
        long rxPackets, long rxBytes, long txPackets, long txBytes, long rxMissed, long rxErrors, long txErrors) {}
