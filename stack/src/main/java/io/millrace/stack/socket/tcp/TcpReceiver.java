package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.FlowTable;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Finds out whose a segment is, and refuses those that nobody is to see. */
final class TcpReceiver {
    private final TcpEngine engine;
    private final Counters<StackCounter> counters;
    private final FlowTable flows;
    private final Signatures signatures;
    private final TcpIngress ingress;
    private final Coalescer coalescer;
    private final TcpPassive passive;
    private final ArrivedSegment arrived;
    private final ResetReplies resets;

    // Of the segment at hand.
    private final TcpRepr segment = new TcpRepr();
    private IpRepr received = new IpRepr();

    TcpReceiver(
            final TcpEngine engine, final Coalescer coalescer, final TcpPassive passive, final ArrivedSegment arrived) {
        this.engine = engine;
        this.counters = engine.counters;
        this.flows = engine.flows;
        this.signatures = engine.signatures;
        this.ingress = engine.ingress;
        this.coalescer = coalescer;
        this.passive = passive;
        this.arrived = arrived;
        this.resets =
                new ResetReplies(engine.config.limits().resetsPerSecond(), engine.entropy, engine.writer, counters);
    }

    /** Takes a segment; arguments as of {@link TcpEngine#receive}. */
    void receive(
            final IpRepr ip,
            final MemorySegment memory,
            final long linkOffset,
            final long ipOffset,
            final long offset,
            final int length,
            final long now) {
        final boolean sound = !ip.distrusts(IpRepr.CHECKSUM_TCP);
        receive(ip, memory, linkOffset, ipOffset, offset, length, 0, 0, sound, now);
    }

    /** Takes one within a datagram; arguments as of {@link TcpEngine#receiveWithinUdp}. */
    void receiveWithinUdp(
            final IpRepr ip,
            final MemorySegment memory,
            final long linkOffset,
            final long ipOffset,
            final long udp,
            final int length,
            final long now) {
        final int udpPort = UdpView.srcPort(memory, udp);
        if (udpPort == 0) {
            counters.increment(StackCounter.UDP_PORT_ZERO); // there is no answer to it
            return;
        }
        // A segment's own checksum counts where there is no other (see UdpEncapsulation).
        final boolean sound = UdpView.checksum(memory, udp) != 0 || !ip.distrusts(IpRepr.CHECKSUM_UDP_ABSENT);
        final long offset = udp + UdpView.LENGTH;
        final int ours = UdpView.dstPort(memory, udp);
        receive(ip, memory, linkOffset, ipOffset, offset, length - UdpView.LENGTH, udpPort, ours, sound, now);
    }

    /**
     * Takes a segment.
     *
     * @param udpPort that it came from, 0 if it is not within UDP
     * @param ownUdpPort that it came to then
     * @param sound whether its checksum need not be looked at
     */
    private void receive(
            final IpRepr ip,
            final MemorySegment memory,
            final long linkOffset,
            final long ipOffset,
            final long offset,
            final int length,
            final int udpPort,
            final int ownUdpPort,
            final boolean sound,
            final long now) {
        arrived.at(memory, linkOffset, ipOffset, offset);
        counters.increment(StackCounter.TCP_SEGMENTS_RECEIVED);
        final TcpRepr header = segment;
        final StackCounter refused = SegmentChecks.refuse(ip, memory, offset, length, sound, header);
        if (refused != null) {
            counters.increment(refused);
            return;
        }
        header.ecn = ip.trafficClass & 3;
        header.udpPort = udpPort;
        header.ownUdpPort = ownUdpPort;
        final FlowEntry flow = flows.find(
                ip.family, ip.dstHi, ip.dstLo, ip.srcHi, ip.srcLo, FlowEntry.ports(header.dstPort, header.srcPort));
        received = ip;
        if (flow instanceof TcpConnection c) {
            receive(c, ip, header, memory, now);
        } else {
            receiveOther(flow, ip, header, memory, now);
        }
    }

    /** Takes a segment of a connection. */
    private void receive(
            final TcpConnection c, final IpRepr ip, final TcpRepr header, final MemorySegment memory, final long now) {
        final TcpOptions settings = c.settings();
        if (ip.hopLimit < settings.minHopLimit()) {
            counters.increment(StackCounter.TCP_TOO_FAR);
            return;
        }
        if (isForged(settings.keysOrNull(), c, ip, header, memory)) {
            return;
        }
        if ((header.flags & (TcpView.RST | TcpView.SYN)) != 0
                && SegmentChecks.contradictsItself(c, header, engine.customs())) {
            counters.increment(StackCounter.TCP_BAD_FLAGS);
        } else if (!c.carries(header)) {
            refuseOther(c, header);
        } else if (!coalescer.take(c, header, memory, now)) {
            ingress.process(c, header, memory, now);
        }
    }

    /** Takes one of a flow that is no connection yet or no more, or of none. */
    private void receiveOther(
            final @Nullable FlowEntry flow,
            final IpRepr ip,
            final TcpRepr header,
            final MemorySegment memory,
            final long now) {
        if (flow instanceof HalfOpen half
                && ip.hopLimit < half.listener.settings().minHopLimit()) {
            counters.increment(StackCounter.TCP_TOO_FAR);
            return;
        }
        if (flow != null && isForged(Signatures.of(flow), flow, ip, header, memory)) {
            return;
        }
        if (flow != null && SegmentChecks.contradictsItself(flow, header, engine.customs())) {
            counters.increment(StackCounter.TCP_BAD_FLAGS);
        } else if (flow instanceof TcpFlow known && !known.carries(header) && !mayReopen(known, header)) {
            refuseOther(known, header);
        } else if (SegmentChecks.addressesMakeSense(ip, header)) {
            receivePassive(flow, ip, header, memory, now);
        } else {
            counters.increment(StackCounter.TCP_BAD_ADDRESS);
        }
    }

    /** Whether a segment may begin a connection anew, from another UDP port if a translator on the way has changed it. */
    private boolean mayReopen(final TcpFlow flow, final TcpRepr segment) {
        return flow instanceof TimeWait
                && mayBegin(segment)
                && (segment.flags & (TcpView.SYN | TcpView.ACK)) == TcpView.SYN;
    }

    /** Whether a segment did not come to a UDP port that is open only for connections that have begun already. */
    private boolean mayBegin(final TcpRepr segment) {
        return segment.ownUdpPort == 0 || segment.ownUdpPort == engine.encapsulations.port();
    }

    /** A segment names a connection, but came otherwise than within UDP as that does: it is not one of its own. */
    void refuseOther(final TcpFlow flow, final TcpRepr segment) {
        counters.increment(StackCounter.TCP_OTHER_ENCAPSULATION);
        final TimeWait old = flow instanceof TimeWait time ? time : null;
        resets.reply(segment, received, engine.writer.settings(flow), old, engine.now());
    }

    /** Whether a segment is not signed as it ought to be. */
    private boolean isForged(
            final @Nullable TcpKeys keys,
            final FlowEntry flow,
            final IpRepr ip,
            final TcpRepr header,
            final MemorySegment memory) {
        return (keys != null || header.signature != TcpRepr.UNSIGNED)
                && !signatures.accepts(keys, flow, ip, header, memory);
    }

    private void receivePassive(
            final @Nullable FlowEntry flow,
            final IpRepr ip,
            final TcpRepr header,
            final MemorySegment memory,
            final long now) {
        TcpConnection opened = null;
        if (flow == null && !mayBegin(header)) {
            reset(header);
        } else if (flow == null) {
            opened = passive.onNoFlow(ip, header, memory, now);
        } else if (flow instanceof HalfOpen half) {
            opened = passive.onHalfOpen(half, header, now);
        } else if (flow instanceof TimeWait old) {
            opened = passive.onTimeWait(old, ip, header, memory, now);
        }
        if (opened != null) {
            ingress.process(opened, header, memory, now); // for the text and the FIN that came along
        }
    }

    /**
     * Answers the segment at hand, which is for nobody, with a reset, as RFC 9293 section 3.10.7.1 says, unless it is
     * one.
     */
    void reset(final TcpRepr cause) {
        reset(cause, engine.settings);
    }

    /** As above for the connection or listener with some options. */
    void reset(final TcpRepr cause, final TcpOptions options) {
        resets.reply(cause, received, options, null, engine.now());
    }
}
