package io.millrace.stack.socket;

import io.millrace.stack.wire.UdpView;

/**
 * What one packet is to be sent with instead of its socket's settings; reused from packet to packet. Each field that is
 * not set, as {@link #clear} leaves it, means the socket's own.
 *
 * <p>Not thread-safe. Plain fields, since it is filled and read on one thread.
 */
public final class SendOptions {
    /** A number that is not set. */
    public static final int UNSET = -1;

    /** Upper half of the source address; 0 for IPv4. */
    public long sourceHi;

    /** Lower half of the source address, which must be one of ours; both halves 0 for the socket's own. */
    public long sourceLo;

    /** TTL or hop limit, 1 to 255. */
    public int hopLimit = UNSET;

    /** DSCP and ECN, 0 to 255. */
    public int trafficClass = UNSET;

    /** Flow label of IPv6, 0 to 1,048,575; 0 for none. */
    public int flowLabel = UNSET;

    /** 1 if the packet must not be fragmented, 0 if it may be. */
    public int dontFragment = UNSET;

    /** Index of the interface to send by. */
    public int interfaceIndex = UNSET;

    /**
     * Bytes of payload of each datagram in which a UDP socket sends a copy of what is longer, 1 to 65,527; 0 for one
     * datagram, whatever the channel's own size is. The control message UDP_SEGMENT. Others do not look at it, nor does
     * sending an allocated packet.
     */
    public int segmentSize = UNSET;

    /**
     * Stages that are told of, bits of {@link SendStage#bit()}; see {@link io.millrace.stack.socket.udp.UdpTimes}. UDP
     * only. The control message SO_TIMESTAMPING.
     */
    public int stages = UNSET;

    /** Makes one with nothing set. */
    public SendOptions() {}

    /** Sets nothing any more; returns itself. */
    public SendOptions clear() {
        sourceHi = 0;
        sourceLo = 0;
        hopLimit = UNSET;
        trafficClass = UNSET;
        flowLabel = UNSET;
        dontFragment = UNSET;
        interfaceIndex = UNSET;
        segmentSize = UNSET;
        stages = UNSET;
        return this;
    }

    /** Whether a source address is set. */
    public boolean hasSource() {
        return (sourceHi | sourceLo) != 0;
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public void check() {
        if (hopLimit != UNSET) {
            IpOptions.inRange("hop limit", 1, hopLimit);
        }
        if (trafficClass != UNSET) {
            IpOptions.inRange("traffic class", 0, trafficClass);
        }
        IpOptions.flowLabelInRange(flowLabel);
        if (stages != UNSET) {
            SendStage.check(stages);
        }
        if (segmentSize < UNSET || segmentSize > UdpView.MAX_PAYLOAD) {
            throw new IllegalArgumentException("segment size " + segmentSize + " is not 0 to " + UdpView.MAX_PAYLOAD);
        }
    }
}
