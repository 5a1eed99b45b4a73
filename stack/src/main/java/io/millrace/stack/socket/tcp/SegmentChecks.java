package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What can be said against a segment by what it is alone. */
final class SegmentChecks {
    private SegmentChecks() {}

    /**
     * Parses a segment.
     *
     * @param sound whether its checksum need not be looked at
     * @param header receives what it says
     * @return the reason to drop it, or null if there is none
     */
    static @Nullable StackCounter refuse(
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int length,
            final boolean sound,
            final TcpRepr header) {
        if (length < TcpView.MIN_LENGTH) {
            return StackCounter.TCP_MALFORMED;
        }
        if (!sound && !TcpView.verifies(ip, memory, offset, length)) {
            return StackCounter.TCP_BAD_CHECKSUM;
        }
        if (!header.parse(memory, offset, length) || header.srcPort == 0 || header.dstPort == 0) {
            return StackCounter.TCP_MALFORMED;
        }
        return null;
    }

    /**
     * Whether a segment both begins and ends a connection and is to be dropped for that. A reset is one whatever else
     * it says, and loses all that does not count then: its SYN and its FIN (RFC 9293 section 3.10.7), and its text,
     * lest what lies before the window be cut off and its number be the right one after that (RFC 5961 section 3.2).
     * One that answers our SYN is not (RFC 9293 section 3.10.7.3), nor one for a closed port (section 3.10.7.1); by
     * custom it may begin one only, and then its FIN is taken off.
     *
     * @param flow whose it is; null for a listener's
     */
    static boolean contradictsItself(final @Nullable FlowEntry flow, final TcpRepr header, final TcpCustoms customs) {
        if (header.has(TcpView.RST)) {
            header.flags &= ~(TcpView.SYN | TcpView.FIN);
            header.payloadLength = 0;
            return false;
        }
        if (!header.has(TcpView.SYN | TcpView.FIN)
                || (header.has(TcpView.ACK) && flow instanceof TcpConnection c && c.state == TcpState.SYN_SENT)) {
            return false;
        }
        if (!customs.follow(TcpCustom.SYNS_WITH_FIN)) {
            return true;
        }
        header.flags &= ~TcpView.FIN; // its sender sends it again
        return false;
    }

    /** No answer to groups, to nobody, or to ourselves (LAND). */
    static boolean addressesMakeSense(final IpRepr ip, final TcpRepr header) {
        return IpAddress.isUnicast(ip.family, ip.srcHi, ip.srcLo)
                && IpAddress.isUnicast(ip.family, ip.dstHi, ip.dstLo)
                && !(header.srcPort == header.dstPort && ip.srcLo == ip.dstLo && ip.srcHi == ip.dstHi);
    }
}
