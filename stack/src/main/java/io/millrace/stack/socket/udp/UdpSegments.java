package io.millrace.stack.socket.udp;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;

/**
 * What {@link UdpSocket#receiveSegments} received: datagrams of one sender that follow on one another, all of one length
 * but for the last, which may be shorter. As UDP_GRO has it. Used again and again; touches no object. Not
 * thread-safe.
 */
public final class UdpSegments {
    /** Most datagrams at once. */
    public static final int MOST = 64;

    private int family;
    private long sourceHi;
    private long sourceLo;
    private long destinationHi;
    private long destinationLo;
    private int sourcePort;
    private int trafficClass;
    private int interfaceIndex;
    private int size;
    private int count;

    /** Nothing yet. */
    public UdpSegments() {}

    /** Bytes of each datagram but the last, which may have fewer. */
    public int size() {
        return size;
    }

    /** How many datagrams. */
    public int count() {
        return count;
    }

    /** Upper half of the sender's address; 0 for IPv4. */
    public long sourceHi() {
        return sourceHi;
    }

    /** Lower half of the sender's address, or the IPv4 address zero-extended. */
    public long sourceLo() {
        return sourceLo;
    }

    /** The sender's port. */
    public int sourcePort() {
        return sourcePort;
    }

    /** The sender, as a new object. */
    public Endpoint<? extends IpAddress> source() {
        return new Endpoint<>(IpAddress.of(family, sourceHi, sourceLo), sourcePort);
    }

    /** DSCP and ECN of all of them. */
    public int trafficClass() {
        return trafficClass;
    }

    /** Index of the interface that they came in by. */
    public int interfaceIndex() {
        return interfaceIndex;
    }

    /**
     * Takes what waits.
     *
     * @return bytes copied; -1 if nothing waits
     */
    int take(
            final UdpSocket<?> socket,
            final UdpInbox inbox,
            final MemorySegment target,
            final long offset,
            final int room) {
        UdpDatagram next = inbox.next(socket, false);
        if (next == null) {
            return -1;
        }
        begin(next);
        int total = 0;
        do {
            final int length = next.length();
            total += next.copyTo(target, offset + total, room - total);
            inbox.next(socket, true); // it waits no longer
            count++;
            next = length < size || count == MOST ? null : inbox.next(socket, false);
        } while (next != null && follows(next, room - total));
        return total;
    }

    private void begin(final UdpDatagram first) {
        family = first.family();
        sourceHi = first.sourceHi();
        sourceLo = first.sourceLo();
        destinationHi = first.destinationHi();
        destinationLo = first.destinationLo();
        sourcePort = first.sourcePort();
        trafficClass = first.trafficClass();
        interfaceIndex = first.interfaceIndex();
        size = first.length();
        count = 0;
    }

    private boolean follows(final UdpDatagram next, final int room) {
        return next.length() > 0
                && next.length() <= Math.min(size, room)
                && next.sourceLo() == sourceLo
                && next.sourceHi() == sourceHi
                && next.sourcePort() == sourcePort
                && next.destinationLo() == destinationLo
                && next.destinationHi() == destinationHi
                && next.trafficClass() == trafficClass
                && next.interfaceIndex() == interfaceIndex;
    }
}
