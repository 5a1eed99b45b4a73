package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;
import org.jspecify.annotations.Nullable;

/**
 * What an ICMP error does to a connection (RFC 5927): only one that quotes a segment in flight counts at all. None ends
 * an established connection, whatever it says; that an attempt to connect is hopeless is believed where RFC 9293 section
 * 3.9.2.2 calls the error a hard one, or if {@link TcpCustoms} say so. Others are remembered as the reason should the
 * connection time out.
 *
 * <p>A packet too big for the path makes segments smaller, never below what every path carries.
 */
final class IcmpReaction {
    /** Least MTU taken from a router's word: RFC 8200 section 5, and for IPv4 what Linux takes. */
    private static final int LEAST_MTU_V6 = 1280;

    private static final int LEAST_MTU_V4 = 552;

    /** RFC 1191 section 7: sizes to try when an old router does not say which would fit. */
    private static final int[] PLATEAUS = {32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006, LEAST_MTU_V4};

    private IcmpReaction() {}

    /**
     * Takes an error that quotes a TCP segment.
     *
     * @return whether a connection has that segment in flight, which a stranger cannot know (RFC 5927 section 4.1)
     */
    static boolean onError(final TcpEngine engine, final IcmpErrorRepr error, final long now) {
        final FlowEntry flow = engine.flows.find(
                error.family,
                error.srcHi,
                error.srcLo,
                error.dstHi,
                error.dstLo,
                FlowEntry.ports(error.srcPort, error.dstPort));
        if (!(flow instanceof TcpConnection c)) {
            return false;
        }
        final int first = FastOpenPending.of(c) == null ? c.una : c.iss; // that SYN is on its way, too
        if (!TcpSeq.within((int) error.tcpSequence, first, c.max - first)) {
            return false;
        }
        engine.counters.increment(StackCounter.TCP_ICMP_ERRORS);
        react(c, error, now);
        return true;
    }

    private static void react(final TcpConnection c, final IcmpErrorRepr error, final long now) {
        switch (error.kind) {
            case IcmpErrorRepr.PACKET_TOO_BIG -> tooBig(c, error, now);
            case IcmpErrorRepr.PORT_UNREACHABLE, IcmpErrorRepr.PROTOCOL_UNREACHABLE ->
                unreachable(c, error, CloseReason.REFUSED, now);
            case IcmpErrorRepr.ADMIN_PROHIBITED -> unreachable(c, error, CloseReason.UNREACHABLE, now);
            case IcmpErrorRepr.NET_UNREACHABLE, IcmpErrorRepr.HOST_UNREACHABLE, IcmpErrorRepr.TIME_EXCEEDED_TRANSIT ->
                unreachable(c, error, soft(c), now);
            default -> {
                // Says nothing about the path to the peer.
            }
        }
    }

    /** What an error ends an attempt to connect with that may pass; null if it does not (RFC 5461 section 4.1). */
    private static @Nullable CloseReason soft(final TcpConnection c) {
        return c.engine.config.customs().follow(TcpCustom.SOFT_ERRORS_END_ATTEMPTS) ? CloseReason.UNREACHABLE : null;
    }

    private static void unreachable(
            final TcpConnection c, final IcmpErrorRepr error, final @Nullable CloseReason ending, final long now) {
        c.unreachable = true;
        c.hindrances().reported = error.type << Byte.SIZE | error.code;
        if (c.state == TcpState.SYN_SENT && ending != null) {
            c.engine.closing.finish(c, ending, now);
        }
    }

    private static void tooBig(final TcpConnection c, final IcmpErrorRepr error, final long now) {
        if (!c.state.isSynchronized()) {
            c.engine.fastOpen.client.onTooBig(c);
            return; // a SYN without data is small; what is too big is not ours
        }
        final int headers = IpFamily.headerLength(c.family) + TcpView.MIN_LENGTH;
        final int current = c.mss + c.optionBytes() + headers;
        final int least = c.family == IpFamily.V4 ? LEAST_MTU_V4 : LEAST_MTU_V6;
        final int told = error.mtu == 0 ? plateau(current) : error.mtu;
        if (told >= current || current <= least) {
            return;
        }
        c.updateMss(Math.max(told, least) - headers);
        c.engine.counters.increment(StackCounter.TCP_PATH_MTU_REDUCED);
        c.recovery().onPathShrank(c);
        c.engine.ready(c);
        c.engine.timers.startRetransmission(c, now);
    }

    private static int plateau(final int current) {
        for (final int mtu : PLATEAUS) {
            if (mtu < current) {
                return mtu;
            }
        }
        return LEAST_MTU_V4;
    }
}
