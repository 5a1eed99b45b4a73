package io.millrace.stack.socket.udp;

import io.millrace.stack.demux.FlowEntry;

/** A connected socket's place in the table of flows. */
final class UdpFlow extends FlowEntry {
    final UdpSocket<?> socket;

    UdpFlow(
            final UdpSocket<?> socket,
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int ports) {
        super(family, localHi, localLo, remoteHi, remoteLo, ports);
        this.socket = socket;
    }
}
