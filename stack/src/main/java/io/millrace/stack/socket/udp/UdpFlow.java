package io.millrace.stack.socket.udp;

import io.millrace.stack.demux.FlowEntry;

/**
 * A connected socket's place in the table of flows. The upper half of our address is mixed with the key of the flow's
 * zone there, {@link #sourceHi} is as it is.
 */
final class UdpFlow extends FlowEntry {
    final UdpSocket<?> socket;
    final int zone;
    final long sourceHi;

    UdpFlow(
            final UdpSocket<?> socket,
            final int zone,
            final long zoneKey,
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int ports) {
        super(family, localHi ^ zoneKey, localLo, remoteHi, remoteLo, ports);
        this.socket = socket;
        this.zone = zone;
        this.sourceHi = localHi;
    }
}
