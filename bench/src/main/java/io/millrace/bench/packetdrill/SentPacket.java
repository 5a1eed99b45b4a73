package io.millrace.bench.packetdrill;

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
    final int protocol;
    /** Bytes behind the IP header. */
    final ByteBuffer segment;

    /** Bytes that the program had written by then, on the connection that it used last. */
    final long written;

    int sourcePort;
    int destinationPort;
    int seq;
    int ack;
    int flags;
    int window;
    int urgent;
    int payload;
    List<TcpOption> options = List.of();

    /** What is wrong with it whatever a script says; null if nothing is. */
    @Nullable
    String defect;

    SentPacket(final byte[] bytes, final long time, final long written) {
        this.time = time;
        this.written = written;
        final ByteBuffer packet = ByteBuffer.wrap(bytes);
        final boolean v4 = packet.get(0) >>> 4 == 4;
        final int header = v4 ? (packet.get(0) & 0xF) * 4 : Internet.V6_HEADER;
        trafficClass = v4 ? packet.get(1) & 0xFF : (packet.getShort(0) >>> 4) & 0xFF;
        hopLimit = packet.get(v4 ? 8 : 7) & 0xFF;
        flowLabel = v4 ? 0 : packet.getInt(0) & 0xFFFFF;
        protocol = packet.get(v4 ? 9 : 6) & 0xFF;
        final int length = v4 ? packet.getShort(2) & 0xFFFF : Internet.V6_HEADER + (packet.getShort(4) & 0xFFFF);
        segment = packet.slice(header, bytes.length - header);
        if (length != bytes.length) {
            defect = "IP length " + length + " of a packet of " + bytes.length + " bytes";
        } else if (v4 && Internet.sum(packet, 0, header, 0) != 0xFFFF) {
            defect = "bad outbound IP checksum";
        } else if (Internet.checksum(packet, header, protocol) != 0) {
            defect = "bad outbound checksum of protocol " + protocol;
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
