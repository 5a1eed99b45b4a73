package io.millrace.stack.socket.udp;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a socket is.
 *
 * @param hi upper half of its address, 0 for IPv4
 * @param zone index of the interface that it is bound to; {@link UdpTable#NO_ZONE} if to none
 */
record UdpPlace(int family, long hi, long lo, int port, int zone) {
    static UdpPlace of(final Endpoint<?> local, final int zone) {
        final IpAddress address = local.address();
        return new UdpPlace(address.family(), address.hi(), address.lo(), local.port(), zone);
    }

    /** Index of the interface that it sends by unless it is told otherwise. */
    int sendZone(final @Nullable UdpFlow flow) {
        return flow == null ? zone : flow.zone;
    }

    /** Upper half of the address that it sends from; both halves 0 to let routes decide. */
    long sourceHi(final @Nullable UdpFlow flow) {
        return flow != null ? flow.sourceHi : IpAddress.isUnicast(family, hi, lo) ? hi : 0;
    }

    /** Lower half of the address that it sends from. */
    long sourceLo(final @Nullable UdpFlow flow) {
        return flow != null ? flow.localLo : IpAddress.isUnicast(family, hi, lo) ? lo : 0;
    }
}
