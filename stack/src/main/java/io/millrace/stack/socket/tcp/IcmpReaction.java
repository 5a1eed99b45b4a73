package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;
import org.jspecify.annotations.Nullable;

/**
 * What an ICMP error does to a connection (RFC 5927): only one that quotes a segment in flight counts at all. None ends
 * an established connection, whatever it says; that an attempt to connect is hopeless is believed where RFC 9293 section
 * 3.9.2.2 calls the error a hard one, or if {@link TcpCustoms} say so. So it is of one that a peer began: its place is
 * free again, unless Fast Open let the application have the connection. Others are remembered as the reason should the
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
     * @return whether a connection has that segment in flight, which a stranger cannot know (RFC 5927 section 4.1), and
     *     believes errors
     */
    static boolean onError(
            final TcpEngine engine, final TcpPassive passive, final IcmpErrorRepr error, final long now) {
        final FlowEntry flow = engine.flows.find(
                error.family,
                error.srcHi,
                error.srcLo,
                error.dstHi,
                error.dstLo,
                FlowEntry.ports(error.srcPort, error.dstPort));
        if (flow instanceof TcpFlow known && known.remoteUdpPort != error.udpPort) {
            return false;
        }
        if (flow instanceof HalfOpen half) {
            return onHalfOpen(engine, passive, half, error);
        }
        if (!(flow instanceof TcpConnection c)) {
            return false;
        }
        final int first = FastOpenPending.of(c) == null ? c.una : c.iss; // that SYN is on its way, too
        if (!TcpSeq.within((int) error.tcpSequence, first, c.max - first)) {
            return false;
        }
        final TcpKeys keys = Signatures.of(c);
        if (keys != null && !keys.acceptsIcmps() && isIgnored(c, keys, error)) {
            keys.onRefused(StackCounter.TCP_AO_DROPPED_ICMPS);
            engine.counters.increment(StackCounter.TCP_AO_DROPPED_ICMPS);
            return false;
        }
        engine.counters.increment(StackCounter.TCP_ICMP_ERRORS);
        react(c, error, now);
        return true;
    }

    private static boolean onHalfOpen(
            final TcpEngine engine, final TcpPassive passive, final HalfOpen half, final IcmpErrorRepr error) {
        if ((int) error.tcpSequence != half.iss) {
            return false;
        }
        engine.counters.increment(StackCounter.TCP_ICMP_ERRORS);
        if (ending(engine.customs(), error) != null) {
            passive.drop(half);
        }
        return true;
    }

    /**
     * RFC 5925 section 7.8: where both ends sign what they say, these kinds are not believed of anybody else. A path
     * that takes smaller packets only is noticed by what gets lost then, see {@link
     * io.millrace.stack.socket.tcp.config.MtuProbing}.
     */
    private static boolean isIgnored(final TcpConnection c, final TcpKeys keys, final IcmpErrorRepr error) {
        if (!c.state.isSynchronized() || Signatures.kind(keys, c) != TcpView.OPTION_AO) {
            return false;
        }
        return error.family == IpFamily.V4
                ? error.type == Icmpv4View.UNREACHABLE
                        && error.code >= Icmpv4View.PROTOCOL_UNREACHABLE
                        && error.code <= Icmpv4View.FRAGMENTATION_NEEDED
                : error.type == Icmpv6View.UNREACHABLE
                        && (error.code == Icmpv6View.PROHIBITED || error.code == Icmpv6View.PORT_UNREACHABLE);
    }

    private static void react(final TcpConnection c, final IcmpErrorRepr error, final long now) {
        switch (error.kind) {
            case IcmpErrorRepr.PACKET_TOO_BIG -> tooBig(c, error, now);
            case IcmpErrorRepr.PORT_UNREACHABLE,
                    IcmpErrorRepr.PROTOCOL_UNREACHABLE,
                    IcmpErrorRepr.ADMIN_PROHIBITED,
                    IcmpErrorRepr.NET_UNREACHABLE,
                    IcmpErrorRepr.HOST_UNREACHABLE,
                    IcmpErrorRepr.TIME_EXCEEDED_TRANSIT -> unreachable(c, error, now);
            default -> {
                // Says nothing about the path to the peer.
            }
        }
    }

    /** Why an error ends a connection that is being opened; null if it does not. */
    private static @Nullable CloseReason ending(final TcpCustoms customs, final IcmpErrorRepr error) {
        if (customs.follow(TcpCustom.NO_ERROR_ENDS_ATTEMPTS)) {
            return null;
        }
        return switch (error.kind) {
            case IcmpErrorRepr.PORT_UNREACHABLE, IcmpErrorRepr.PROTOCOL_UNREACHABLE -> CloseReason.REFUSED;
            case IcmpErrorRepr.ADMIN_PROHIBITED -> CloseReason.UNREACHABLE;
            // These may pass (RFC 5461 section 4.1).
            case IcmpErrorRepr.NET_UNREACHABLE, IcmpErrorRepr.HOST_UNREACHABLE ->
                customs.follow(TcpCustom.SOFT_ERRORS_END_ATTEMPTS) ? CloseReason.UNREACHABLE : null;
            case IcmpErrorRepr.TIME_EXCEEDED_TRANSIT ->
                customs.follow(TcpCustom.SOFT_ERRORS_END_ATTEMPTS) || customs.follow(TcpCustom.SPENT_HOPS_END_ATTEMPTS)
                        ? CloseReason.UNREACHABLE
                        : null;
            default -> null;
        };
    }

    private static void unreachable(final TcpConnection c, final IcmpErrorRepr error, final long now) {
        c.hindrances().reported = Hindrances.REPORTED | error.type << Byte.SIZE | error.code;
        final CloseReason reason = ending(c.engine.customs(), error);
        if (reason != null && isBeingOpened(c)) {
            c.engine.closing.finish(c, reason, now);
        }
    }

    /** Whether no end relies on the connection yet: neither an application that accepted it, nor both hosts. */
    private static boolean isBeingOpened(final TcpConnection c) {
        return c.state == TcpState.SYN_SENT
                || (c.state == TcpState.SYN_RECEIVED && (FastOpenPending.of(c) == null || c.listener != null));
    }

    private static void tooBig(final TcpConnection c, final IcmpErrorRepr error, final long now) {
        if (!c.state.isSynchronized()) {
            c.engine.fastOpen.client.onTooBig(c);
            return; // a SYN without data is small; what is too big is not ours
        }
        final int headers = c.headers(c.engine.config.udpEncapsulation());
        final int current = c.mss + SegmentSize.options(c) + headers;
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
