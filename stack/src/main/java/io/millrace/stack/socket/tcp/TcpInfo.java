package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.socket.tcp.recovery.Rack;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import org.jspecify.annotations.Nullable;

/**
 * The inner state of a connection at one moment, with what Linux shows in {@code tcp_info}. Made once and filled as often
 * as wanted by {@link TcpSocket#info}. Times are microseconds, sizes bytes. Not thread-safe.
 */
public final class TcpInfo {
    /** What the sender thinks of losses, in the order of Linux's numbers. */
    public enum Recovery {
        /** Nothing is known to be lost. */
        OPEN,
        /** Something arrived out of order, or twice. */
        DISORDER,
        /** The window was reduced because of a mark of congestion, less than a round trip ago. */
        MARKED,
        /** Fast recovery. */
        RECOVERY,
        /** After a retransmission timeout. */
        LOSS
    }

    /** {@link #fastOpenFailure}: there was no cookie, or the server or all of them are spared for a while. */
    public static final int FAST_OPEN_UNAVAILABLE = 1;

    /** {@link #fastOpenFailure}: the peer acknowledged the SYN without all of its data. */
    public static final int FAST_OPEN_NOT_ACKNOWLEDGED = 2;

    /** {@link #fastOpenFailure}: the SYN was sent again, which it is without data. */
    public static final int FAST_OPEN_RETRANSMITTED = 3;

    /** State of RFC 9293. */
    public TcpState state = TcpState.CLOSED;

    /** What the sender thinks of losses. */
    public Recovery recovery = Recovery.OPEN;

    /** The algorithm that sets the congestion window. */
    public CongestionAlgorithm congestion = CongestionAlgorithm.CUBIC;

    /** Timeouts of the same data so far. */
    public int retransmits;

    /** Keep-alive probes that were not answered. */
    public int probes;

    /** How often the timeout was doubled. */
    public int backoff;

    /** Whether both sides use timestamps. */
    public boolean timestamps;

    /** Whether both sides use selective acknowledgments. */
    public boolean sack;

    /** Whether both sides use explicit congestion notification. */
    public boolean ecn;

    /** Segments with data that came with a mark of congestion; the count wraps. */
    public int congestionMarks;

    /** Acknowledgments that told of such marks; the count wraps. With {@link #accurateEcn}: segments of ours that had one. */
    public int congestionEchoes;

    /** Whether that is accurate notification (RFC 9768), which counts. */
    public boolean accurateEcn;

    /** What we sent, as the peer tells; 0 without {@link #accurateEcn}. */
    public final EcnCounts ecnSent = new EcnCounts();

    /** What came; 0 without {@link #accurateEcn}. */
    public final EcnCounts ecnReceived = new EcnCounts();

    /** Whether the peer sent the option of accurate notification. */
    public boolean accurateEcnOption;

    /** Whether the data of the SYN, ours or the peer's, was taken (RFC 7413). TCPI_OPT_SYN_DATA. */
    public boolean synData;

    /** Why our SYN took no data along, or the peer did not take it; 0 if neither. tcpi_fastopen_client_fail. */
    public int fastOpenFailure;

    /** Shift of the windows that the peer offers; 0 without scaling. */
    public int sendWindowScale;

    /** Shift of the windows that we offer. */
    public int receiveWindowScale;

    /** Retransmission timeout. */
    public long rto;

    /** Payload of a full segment that we send. */
    public int sendMss;

    /** Estimate of the payload of a full segment of the peer's. */
    public int receiveMss;

    /** MSS that we announced. */
    public int announcedMss;

    /** The peer's UDP port if segments travel within UDP; 0 if not. TCP_REMOTE_UDP_ENCAPS_PORT of FreeBSD. */
    public int remoteUdpPort;

    /** Longest packet that the path carries, header included; 0 if no route leads to the peer. */
    public int pathMtu;

    /** Bytes sent and not acknowledged. */
    public int unacknowledged;

    /** Of these, bytes that arrived out of order. */
    public int sacked;

    /** Of these, bytes that are lost and were not sent again. */
    public int lost;

    /** Segments that are lost, those that were sent again since and have not arrived included, as Linux counts. */
    public int lostSegments;

    /** Bytes queued and never sent. */
    public int notSent;

    /** When data was sent last, or our FIN, before that when the handshake was over; 0 if it is not. */
    public long lastSentAt;

    /** When a segment came last, which has an acknowledgment; 0 if none came. */
    public long lastReceivedAt;

    /**
     * When data came last, before that when the handshake was over, to the millisecond; 0 if it is not. Right for 49 days.
     */
    public long lastDataReceivedAt;

    /** Smoothed round-trip time; 0 if unknown. */
    public int rtt;

    /** Its variation. */
    public int rttVariation;

    /** Least round-trip time of the last minutes; 0 if unknown. */
    public int leastRtt;

    /** Congestion window; while it is being reduced, what proportional rate reduction has come down to (RFC 9937). */
    public int congestionWindow;

    /** Slow start threshold; the largest int before the first loss. */
    public int slowStartThreshold;

    /** Window that the peer offers. */
    public int sendWindow;

    /** Window that we offer. */
    public int receiveWindow;

    /** Most bytes that may wait to be sent or acknowledged, as tuned or set. */
    public int sendBuffer;

    /** Most bytes that may wait to be read, as tuned or set. */
    public int receiveBuffer;

    /** Round-trip time as the receiver of data sees it; 0 if unknown, or if nothing came of late. */
    public int receiverRtt;

    /** Whether segments of this connection have been seen to overtake others. */
    public boolean reordering;

    /** Acknowledgments that showed segments to have overtaken others; the count wraps. */
    public int reorderings;

    /** Most segments of which one was seen to be overtaken; 0 if none ever was. */
    public int reorderingExtent;

    /** Segments received ahead of a gap; the count wraps. */
    public int receivedAhead;

    /** Bytes that the peer acknowledged. */
    public long bytesAcknowledged;

    /** Bytes of data sent, those sent again counted again. */
    public long bytesSent;

    /** Bytes of data sent again. */
    public long bytesRetransmitted;

    /** Bytes received in order. */
    public long bytesReceived;

    /** Segments sent; the count wraps. */
    public int segmentsOut;

    /** Segments received; the count wraps. */
    public int segmentsIn;

    /** Segments with data sent; the count wraps. */
    public int dataSegmentsOut;

    /** Segments with data received; the count wraps. */
    public int dataSegmentsIn;

    /** Segments sent again, SYNs included; the count wraps. */
    public int totalRetransmits;

    /** Segments that were sent again and may be on their way. */
    public int retransmitted;

    /** Segments that arrived at the peer, as far as is known; the count wraps. */
    public int delivered;

    /** Reports of the peer's that something came twice (RFC 2883); the count wraps. */
    public int duplicatesReported;

    /** Expiries of the retransmission timer after the handshake; the count wraps. */
    public int timeouts;

    /** Those of them that were the first since something was acknowledged; the count wraps. */
    public int timeoutRecoveries;

    /** Time from those to the next acknowledgment, all in all. */
    public long timeoutTime;

    /** Time in which there was data to be sent or acknowledged. */
    public long busyTime;

    /** Time in which the peer's window was all that kept data from being sent. */
    public long windowLimitedTime;

    /**
     * Time in which all that the buffer holds was sent, congestion allowed more, and the application was told that it is
     * full.
     */
    public long bufferLimitedTime;

    /**
     * Bytes a second at which the network delivered, by the latest sample that the application did not limit, or by a
     * later one that is no smaller (draft-ietf-ccwg-bbr section 4.1); 0 if there was none.
     */
    public long deliveryRate;

    /** Whether the application limited {@link #deliveryRate}. */
    public boolean deliveryLimited;

    /** Bytes a second at which data leaves; {@link Long#MAX_VALUE} if it leaves as the window allows. */
    public long pacingRate;

    /**
     * Bytes a second that {@link #pacingRate} never exceeds, by {@code SO_MAX_PACING_RATE}; {@link Long#MAX_VALUE} for
     * none.
     */
    public long maxPacingRate;

    /** Bytes a second that the congestion window amounts to; 0 while the round-trip time is unknown. */
    public long rate;

    void fill(final TcpConnection c) {
        state = c.state;
        congestion = c.congestion.algorithm();
        retransmits = c.retries;
        probes = c.keepAliveMisses;
        backoff = c.rtt.backoff();
        timestamps = c.timestamps;
        sack = c.sack;
        final Ecn notification = c.ecn;
        ecn = c.usesEcn;
        congestionMarks = notification == null ? 0 : notification.marks();
        congestionEchoes = notification == null ? 0 : notification.echoes();
        final AccurateEcn accurate = c.accurateEcn();
        accurateEcn = accurate != null;
        accurateEcnOption = accurate != null && accurate.optionSeen();
        if (accurate != null) {
            accurate.count(ecnReceived);
            accurate.feedback.count(ecnSent);
            congestionEchoes = ecnSent.cePackets;
        } else {
            ecnReceived.clear();
            ecnSent.clear();
        }
        synData = c.holds(TcpConnection.SYN_DATA);
        sendWindowScale = c.sendShift;
        receiveWindowScale = c.receiveShift;
        rto = c.rto();
        receiveMss = c.rcvMss;
        announcedMss = c.announcedMss;
        remoteUdpPort = c.remoteUdpPort;
        pathMtu = c.engine.writer.pathMtu(c);
        // The path may have become smaller since something was sent.
        sendMss = pathMtu == 0 ? c.mss : Math.min(c.mss, SegmentSize.largestPayload(c, c.engine.egress.pathMss(c)));
        unacknowledged = c.inFlight();
        final Transfer transfer = c.transferOrNull();
        final LossRecovery sender = transfer == null ? null : transfer.recovery;
        final SentSegments flight = sender == null ? null : sender.sent();
        sacked = flight == null ? 0 : flight.sackedBytes();
        lost = flight == null ? 0 : flight.lostBytes();
        lostSegments = sender == null ? 0 : sender.lostSegments();
        recovery = sender == null ? Recovery.OPEN : recovery(sender, notification, c.una);
        notSent = c.queued() - c.sentBytes();
        lastSentAt = c.lastSent;
        lastReceivedAt = c.lastReceived;
        lastDataReceivedAt = lastText(c, c.engine.now() / 1_000);
        rtt = c.rtt.smoothed();
        rttVariation = c.rtt.variation();
        leastRtt = sender == null ? c.leastRoundTrip : sender.rack().leastRoundTrip();
        congestionWindow = CongestionRoom.window(c);
        slowStartThreshold = c.congestion.threshold();
        sendWindow = c.window;
        receiveWindow = c.receiveWindow();
        sendBuffer = c.sendBuffer();
        receiveBuffer = c.receiveBuffer();
        receiverRtt = transfer == null ? 0 : transfer.receiveRtt;
        reordering = sender == null
                ? Rack.reordering(c.reorderingMemory)
                : sender.rack().reordering();
        bytesAcknowledged = transfer == null ? c.transmitted : transfer.transmit.head();
        bytesReceived = transfer == null ? c.received : transfer.receive.tail();
        segmentsOut = c.segmentsOut;
        segmentsIn = c.segmentsIn;
        dataSegmentsOut = c.dataSegmentsOut;
        dataSegmentsIn = c.dataSegmentsIn;
        retransmitted = flight == null ? 0 : flight.segmentsAgain();
        delivered = c.delivered;
        deliveryRate = (long) c.deliveryRate;
        deliveryLimited = c.deliveryLimited;
        pacingRate = (long) Pacing.rate(c);
        maxPacingRate = c.settings().maxPacingRate();
        fillTimes(c, transfer == null ? null : transfer.busy, c.engine.now());
        fillHindrances(c.hindrancesOrNull(), c.engine.now());
        bytesSent = bytesAcknowledged + c.sentBytes() + bytesRetransmitted;
        rate = rtt == 0 ? 0 : congestionWindow * 1_000_000L / rtt;
    }

    private static long lastText(final TcpConnection c, final long nowMillis) {
        final long ago = Integer.toUnsignedLong((int) nowMillis - c.textReceived);
        return c.lastReceived == 0 ? 0 : (nowMillis - ago) * 1_000;
    }

    private void fillTimes(final TcpConnection c, final @Nullable BusyTime busy, final long now) {
        busyTime = BusyTime.before(c) + (busy == null ? 0 : busy.at(now));
        windowLimitedTime = busy == null ? 0 : busy.windowLimited(now);
        bufferLimitedTime = busy == null ? 0 : busy.bufferLimited(now);
    }

    private void fillHindrances(final @Nullable Hindrances known, final long now) {
        final Hindrances hindrances = known == null ? Hindrances.NONE : known;
        fastOpenFailure = hindrances.fastOpenFailure;
        reorderings = hindrances.reorderings;
        reorderingExtent = hindrances.reorderingExtent;
        receivedAhead = hindrances.receivedAhead;
        bytesRetransmitted = hindrances.bytesRetransmitted;
        totalRetransmits = hindrances.retransmits;
        duplicatesReported = hindrances.duplicatesReported;
        timeouts = hindrances.timeouts;
        timeoutRecoveries = hindrances.timeoutRecoveries;
        timeoutTime = hindrances.timeoutTime(now);
        windowLimitedTime += hindrances.windowLimited;
        bufferLimitedTime += hindrances.bufferLimited;
    }

    private Recovery recovery(final LossRecovery sender, final @Nullable Ecn notification, final int una) {
        return switch (sender.phase()) {
            case OPEN ->
                notification != null && notification.reduces(una)
                        ? Recovery.MARKED
                        : sacked > 0 || sender.duplicates() > 0 ? Recovery.DISORDER : Recovery.OPEN;
            case FAST -> Recovery.RECOVERY;
            case TIMEOUT -> Recovery.LOSS;
        };
    }

    /** One line for a person. */
    @Override
    public String toString() {
        return state + " " + congestion + " " + recovery + " rtt " + rtt + "±" + rttVariation + " us rto " + rto
                + " us cwnd " + congestionWindow + " ssthresh "
                + (slowStartThreshold == Integer.MAX_VALUE ? "-" : Integer.toString(slowStartThreshold)) + " mss "
                + sendMss
                + " wnd " + sendWindow + "/" + receiveWindow + " buffers " + sendBuffer + "/" + receiveBuffer
                + " unacked " + unacknowledged + " sacked " + sacked
                + " lost "
                + lost + " unsent " + notSent + " acked " + bytesAcknowledged + " received " + bytesReceived
                + " segments out " + segmentsOut + " in " + segmentsIn + " again " + totalRetransmits + " delivery "
                + deliveryRate + " B/s" + (deliveryLimited ? " (application)" : "") + " busy " + busyTime + " us";
    }
}
