package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.script.Event.Within;
import io.millrace.bench.packetdrill.script.TcpOption;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A packet that the stack sent, taken apart. Sequence numbers and ports are the stack's. */
final class SentPacket {
    private static final int FIELDS = 0x1FF;
    private static final int TCP_HEADER = 20;
    private static final int SYN = 2;

    /** When it was sent, microseconds. */
    final long time;

    final int trafficClass;
    final int hopLimit;
    final int flowLabel;
    /** Of the segment, even if it is within UDP. */
    final int protocol;
    /** Bytes behind the IP header, or behind the UDP header that the segment is within. */
    final ByteBuffer segment;

    /** The UDP ports of the datagram that the segment is within; null if it is not. */
    final @Nullable Within within;

    /** Bytes that the program had written by then, on the connection that it used last. */
    final long written;

    int sourcePort;
    int destinationPort;
    int seq;
    int ack;
    int flags;
    /** The three bits of the header that nothing uses. */
    int reserved;

    int window;
    int urgent;
    int payload;
    List<TcpOption> options = List.of();

    /** What is wrong with it whatever a script says; null if nothing is. */
    @Nullable
    String defect;

    /**
     * Takes a packet apart.
     *
     * @param tcpWithinUdp whether UDP carries TCP
     * @param written bytes that the program had written by then
     */
    SentPacket(final byte[] bytes, final boolean tcpWithinUdp, final long time, final long written) {
        this.time = time;
        this.written = written;
        final ByteBuffer packet = ByteBuffer.wrap(bytes);
        final boolean v4 = packet.get(0) >>> 4 == 4;
        final int header = v4 ? (packet.get(0) & 0xF) * 4 : Internet.V6_HEADER;
        trafficClass = v4 ? packet.get(1) & 0xFF : (packet.getShort(0) >>> 4) & 0xFF;
        hopLimit = packet.get(v4 ? 8 : 7) & 0xFF;
        flowLabel = v4 ? 0 : packet.getInt(0) & 0xFFFFF;
        final int carried = packet.get(v4 ? 9 : 6) & 0xFF;
        final boolean inner = tcpWithinUdp && carried == Internet.UDP;
        protocol = inner ? Internet.TCP : carried;
        final int length = v4 ? packet.getShort(2) & 0xFFFF : Internet.V6_HEADER + (packet.getShort(4) & 0xFFFF);
        final int start = inner ? header + Internet.UDP_HEADER : header;
        within = inner ? new Within(packet.getShort(header) & 0xFFFF, packet.getShort(header + 2) & 0xFFFF) : null;
        segment = packet.slice(start, bytes.length - start);
        if (length != bytes.length) {
            defect = "IP length " + length + " of a packet of " + bytes.length + " bytes";
        } else if (v4 && Internet.sum(packet, 0, header, 0) != 0xFFFF) {
            defect = "bad outbound IP checksum";
        } else if (Internet.checksum(packet, header, carried) != 0) {
            defect = "bad outbound checksum of protocol " + carried;
        } else if (inner && Internet.checksum(packet, header, start, Internet.TCP) != 0) {
            defect = "bad outbound checksum of TCP within UDP";
        } else if (inner && (packet.getShort(header + 4) & 0xFFFF) != bytes.length - header) {
            defect = "bad outbound length of UDP";
        }
        if (protocol == Internet.TCP) {
            tcp();
        } else if (protocol == Internet.UDP) {
            ports();
            payload = segment.limit() - 8;
        }
    }

    private void ports() {
        sourcePort = segment.getShort(0) & 0xFFFF;
        destinationPort = segment.getShort(2) & 0xFFFF;
    }

    private void tcp() {
        ports();
        seq = segment.getInt(4);
        ack = segment.getInt(8);
        flags = segment.getShort(12) & FIELDS;
        reserved = segment.getShort(12) >> 9 & 7;
        window = segment.getShort(14) & 0xFFFF;
        urgent = segment.getShort(18) & 0xFFFF;
        final int header = (segment.get(12) >>> 4 & 0xF) * 4;
        options = TcpOption.read(segment.slice(TCP_HEADER, header - TCP_HEADER));
        payload = segment.limit() - header;
    }

    boolean isTcp() {
        return protocol == Internet.TCP;
    }

    boolean isSyn() {
        return (flags & SYN) != 0;
    }

    boolean isIcmp() {
        return protocol == Internet.ICMP || protocol == Internet.ICMP6;
    }
}
