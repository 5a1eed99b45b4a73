package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What can be said against a segment without knowing any connection. */
final class SegmentChecks {
    private SegmentChecks() {}

    /**
     * Parses a segment.
     *
     * @param header receives what it says
     * @return the reason to drop it, or null if there is none
     */
    static @Nullable StackCounter refuse(
            final IpRepr ip, final MemorySegment memory, final long offset, final int length, final TcpRepr header) {
        if (length < TcpView.MIN_LENGTH) {
            return StackCounter.TCP_MALFORMED;
        }
        if (ip.distrusts(IpRepr.CHECKSUM_TCP) && !TcpView.verifies(ip, memory, offset, length)) {
            return StackCounter.TCP_BAD_CHECKSUM;
        }
        if (!header.parse(memory, offset, length) || header.srcPort == 0 || header.dstPort == 0) {
            return StackCounter.TCP_MALFORMED;
        }
        return flagsMakeSense(header.flags) ? null : StackCounter.TCP_BAD_FLAGS;
    }

    /**
     * A reset neither begins nor ends a connection in order; {@link TcpEngine#contradictsItself} knows what to do with a
     * SYN that has a FIN. No flag at all contradicts nothing: RFC 9293 section 3.10.7 has a closed port refuse such a
     * segment and everybody else ignore it.
     */
    private static boolean flagsMakeSense(final int flags) {
        return (flags & TcpView.RST) == 0 || (flags & (TcpView.SYN | TcpView.FIN)) == 0;
    }

    /** No answer to groups, to nobody, or to ourselves (LAND). */
    static boolean addressesMakeSense(final IpRepr ip, final TcpRepr header) {
        return IpAddress.isUnicast(ip.family, ip.srcHi, ip.srcLo)
                && IpAddress.isUnicast(ip.family, ip.dstHi, ip.dstLo)
                && !(header.srcPort == header.dstPort && ip.srcLo == ip.dstLo && ip.srcHi == ip.dstHi);
    }
}
