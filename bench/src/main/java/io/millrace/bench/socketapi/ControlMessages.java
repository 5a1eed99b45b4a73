package io.millrace.bench.socketapi;

import io.millrace.dataplane.run.ShardOptions;
import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What options ask to be told with each packet, and what a program may say of one that it sends, as Linux has them. */
final class ControlMessages {
    private static final int PKTINFO4 = 12;
    private static final int PKTINFO6 = 20;
    private static final int TIME = 16;

    private ControlMessages() {}

    /** What there is to tell of a packet, in Linux's order. */
    static List<ControlMessage> of(
            PacketChannel.Received<IpAddress> packet, AncillaryOptions asked, int domain, boolean coalesced) {
        final List<ControlMessage> told = new ArrayList<>();
        time(packet, asked, told);
        if (coalesced && packet.length() > packet.segmentLength()) {
            told.add(number(Linux.IPPROTO_UDP, Linux.UDP_GRO, packet.segmentLength()));
        }
        if (domain == Linux.AF_INET6) {
            ofIpv6(packet, asked, told);
        }
        if (packet.destination().family() == IpFamily.V4) {
            ofIpv4(packet, asked, told);
        }
        return told;
    }

    /** The time that a packet came at, on the wall's clock. */
    private static void time(
            PacketChannel.Received<IpAddress> packet, AncillaryOptions asked, List<ControlMessage> told) {
        final boolean nanos = asked.isOn(Linux.SOL_SOCKET, Linux.SO_TIMESTAMPNS);
        if (!nanos && !asked.isOn(Linux.SOL_SOCKET, Linux.SO_TIMESTAMP)) {
            return;
        }
        final Instant came = Instant.now().minusNanos((ShardOptions.monotonicMicros() - packet.timestamp()) * 1_000);
        final byte[] value = new byte[TIME];
        OptionBytes.over(value).putLong(came.getEpochSecond()).putLong(nanos ? came.getNano() : came.getNano() / 1_000);
        told.add(ControlMessage.of(Linux.SOL_SOCKET, nanos ? Linux.SO_TIMESTAMPNS : Linux.SO_TIMESTAMP, value));
    }

    private static void ofIpv4(
            PacketChannel.Received<IpAddress> packet, AncillaryOptions asked, List<ControlMessage> told) {
        if (asked.isOn(Linux.IPPROTO_IP, Linux.IP_PKTINFO)) {
            final byte[] value = new byte[PKTINFO4];
            final int destination = (int) packet.destination().lo();
            final ByteBuffer info = OptionBytes.over(value).putInt(packet.interfaceIndex() + 1);
            info.putInt(Integer.reverseBytes(destination)).putInt(Integer.reverseBytes(destination));
            told.add(ControlMessage.of(Linux.IPPROTO_IP, Linux.IP_PKTINFO, value));
        }
        if (asked.isOn(Linux.IPPROTO_IP, Linux.IP_RECVTTL)) {
            told.add(number(Linux.IPPROTO_IP, Linux.IP_TTL, packet.hopLimit()));
        }
        if (asked.isOn(Linux.IPPROTO_IP, Linux.IP_RECVTOS)) {
            told.add(ControlMessage.of(Linux.IPPROTO_IP, Linux.IP_TOS, new byte[] {(byte) packet.trafficClass()}));
        }
    }

    private static void ofIpv6(
            PacketChannel.Received<IpAddress> packet, AncillaryOptions asked, List<ControlMessage> told) {
        final boolean mapped = packet.destination().family() == IpFamily.V4;
        if (asked.isOn(Linux.IPPROTO_IPV6, Linux.IPV6_RECVPKTINFO)) {
            final byte[] value = new byte[PKTINFO6];
            final long lo = packet.destination().lo();
            final ByteBuffer info = OptionBytes.over(value);
            info.putLong(Long.reverseBytes(packet.destination().hi()));
            info.putLong(Long.reverseBytes(mapped ? 0xFFFF_0000_0000L | lo : lo));
            info.putInt(packet.interfaceIndex() + 1);
            told.add(ControlMessage.of(Linux.IPPROTO_IPV6, Linux.IPV6_PKTINFO, value));
        }
        if (mapped) {
            return;
        }
        if (asked.isOn(Linux.IPPROTO_IPV6, Linux.IPV6_RECVHOPLIMIT)) {
            told.add(number(Linux.IPPROTO_IPV6, Linux.IPV6_HOPLIMIT, packet.hopLimit()));
        }
        if (asked.isOn(Linux.IPPROTO_IPV6, Linux.IPV6_RECVTCLASS)) {
            told.add(number(Linux.IPPROTO_IPV6, Linux.IPV6_TCLASS, packet.trafficClass()));
        }
    }

    static ControlMessage number(int level, int type, int value) {
        return ControlMessage.of(level, type, OptionBytes.of(value));
    }

    /** What a program says of a datagram; EINVAL where Linux has that. Messages of other levels mean nothing. */
    static SendOptions options(List<ControlMessage> said) throws ErrnoException {
        final SendOptions options = new SendOptions();
        for (final ControlMessage message : said) {
            if (message.level() == Linux.IPPROTO_UDP) {
                if (message.type() != Linux.UDP_SEGMENT || message.value().length != Short.BYTES) {
                    throw new ErrnoException(Linux.EINVAL);
                }
                options.segmentSize = OptionBytes.over(message.value()).getShort(0) & 0xFFFF;
            }
        }
        return options;
    }
}
