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
    /** Three of them: in software, and two that are not used or of a device. */
    private static final int TIMES = 3 * TIME;

    private static final int EXTENDED = 16;
    private static final int SOCKADDR4 = 16;
    private static final int SOCKADDR6 = 28;

    private ControlMessages() {}

    /** What there is to tell of a packet, in Linux's order. */
    static List<ControlMessage> of(
            PacketChannel.Received<IpAddress> packet, Settings settings, int domain, boolean coalesced) {
        final AncillaryOptions asked = settings.ancillary;
        final List<ControlMessage> told = new ArrayList<>(times(packet.timestamp(), settings));
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

    /** The time that something came at, as often as it was asked for, on the wall's clock. */
    static List<ControlMessage> times(long micros, Settings settings) {
        final List<ControlMessage> told = new ArrayList<>();
        if (settings.ancillary.tellsTimes()) {
            final boolean nanos = settings.ancillary.isOn(Linux.SOL_SOCKET, Linux.SO_TIMESTAMPNS);
            final Instant came = instant(micros);
            final byte[] value = new byte[TIME];
            OptionBytes.over(value)
                    .putLong(came.getEpochSecond())
                    .putLong(nanos ? came.getNano() : came.getNano() / 1_000);
            told.add(ControlMessage.of(Linux.SOL_SOCKET, nanos ? Linux.SO_TIMESTAMPNS : Linux.SO_TIMESTAMP, value));
        }
        if (settings.timestamping.receives()) {
            told.add(timestamping(micros));
        }
        return told;
    }

    private static Instant instant(long micros) {
        return Instant.now().minusNanos((ShardOptions.monotonicMicros() - micros) * 1_000);
    }

    private static ControlMessage timestamping(long micros) {
        final Instant at = instant(micros);
        final byte[] value = new byte[TIMES];
        OptionBytes.over(value).putLong(at.getEpochSecond()).putLong(at.getNano());
        return ControlMessage.of(Linux.SOL_SOCKET, Linux.SCM_TIMESTAMPING, value);
    }

    /** An entry of the error queue: its time, and what it says in the form of the socket's family. */
    static List<ControlMessage> of(QueuedError error, int domain) {
        final List<ControlMessage> told = new ArrayList<>();
        if (error.micros() >= 0) {
            told.add(timestamping(error.micros()));
        }
        final boolean v4 = domain == Linux.AF_INET;
        final byte[] value = new byte[EXTENDED + (v4 ? SOCKADDR4 : SOCKADDR6)];
        final ByteBuffer into = OptionBytes.over(value);
        into.putInt(error.errno()).put((byte) error.origin()).put((byte) error.type());
        into.putShort((short) error.code()).putInt(error.info()).putInt(error.data()); // ee_pad is 0
        final IpAddress offender = error.offender();
        if (offender != null && v4) {
            into.putShort((short) Linux.AF_INET).putShort((short) 0).putInt(Integer.reverseBytes((int) offender.lo()));
        } else if (offender != null) {
            final boolean mapped = offender.family() == IpFamily.V4;
            into.putShort((short) Linux.AF_INET6).putShort((short) 0).putInt(0);
            into.putLong(Long.reverseBytes(offender.hi()));
            into.putLong(Long.reverseBytes(mapped ? 0xFFFF_0000_0000L | offender.lo() : offender.lo()));
        }
        told.add(ControlMessage.of(
                v4 ? Linux.IPPROTO_IP : Linux.IPPROTO_IPV6, v4 ? Linux.IP_RECVERR : Linux.IPV6_RECVERR, value));
        return told;
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
