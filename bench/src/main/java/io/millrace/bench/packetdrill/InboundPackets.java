package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.Md5Signature;
import io.millrace.bench.packetdrill.host.Payload;
import io.millrace.bench.packetdrill.script.Event.Icmp;
import io.millrace.bench.packetdrill.script.Event.IpFields;
import io.millrace.bench.packetdrill.script.Event.Numbering;
import io.millrace.bench.packetdrill.script.Event.Quoted;
import io.millrace.bench.packetdrill.script.Event.Tcp;
import io.millrace.bench.packetdrill.script.Event.Udp;
import io.millrace.bench.packetdrill.script.Event.Within;
import io.millrace.bench.packetdrill.script.TcpOption;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Makes the packets that a script lets come in. */
final class InboundPackets {
    private static final int TCP_HEADER = 20;
    private static final int UDP_HEADER = Internet.UDP_HEADER;
    private static final int ICMP_HEADER = 8;
    private static final int CHECKSUM = 16;
    private static final int SYN = 2;
    private static final int ACK = 0x10;
    /** An IPv4 error quotes the header and 8 bytes at least; Linux takes no fewer of TCP. */
    private static final int MOST_QUOTED = 1024;

    private final IpAddress local;
    private final IpAddress remote;
    private final boolean v4;
    /** Most bytes of payload in a segment; 0 for as many as a script says. */
    private final int mostPayload;

    private final Settings settings;

    InboundPackets(final Settings settings) {
        this.local = settings.local();
        this.remote = settings.remote();
        this.v4 = local instanceof Ipv4Address;
        this.mostPayload = settings.mss;
        this.settings = settings;
    }

    /** The segments that one of a script's is: several, in a row, if it is longer than {@code --mss} says. */
    List<byte[]> segments(final Tcp spec, final Flow flow) {
        final List<byte[]> segments = new ArrayList<>(1);
        int at = 0;
        do {
            final int rest = spec.length() - at;
            final int count = mostPayload == 0 ? rest : Math.min(mostPayload, rest);
            segments.add(tcp(spec.part(at, count), flow));
            at += count;
        } while (at < spec.length());
        return segments;
    }

    private byte[] tcp(final Tcp spec, final Flow flow) {
        final boolean acknowledges = (spec.flags() & ACK) != 0;
        final List<TcpOption> said = spec.options();
        final List<TcpOption> options = flow.toLive(said == null ? List.of() : said, acknowledges);
        final int header =
                TCP_HEADER + options.stream().mapToInt(TcpOption::length).sum();
        final Within within = spec.within();
        final int outer = within == null ? 0 : UDP_HEADER;
        final int length = header + spec.length();
        final ByteBuffer packet = packet(within == null ? Internet.TCP : Internet.UDP, spec.ip(), outer + length);
        final int ipHeader = packet.position();
        if (within != null) {
            Internet.udp(packet, within.source(), within.destination(), length);
        }
        final int start = packet.position();
        packet.putShort((short) flow.remotePort).putShort((short) flow.localPort);
        final boolean syn = (spec.flags() & SYN) != 0;
        final int seq = spec.numbering() == Numbering.WIRE ? spec.seq() : flow.remoteToLive(spec.seq(), syn);
        packet.putInt(seq).putInt(acknowledges ? flow.toLive(spec.ack(), syn) : spec.ack());
        packet.putShort((short) (header << 10 | spec.flags())).putShort((short) spec.window());
        packet.putShort((short) 0).putShort((short) spec.urgent());
        options.forEach(option -> option.write(packet));
        final int first = flow.remotePlace(seq) + (syn ? 1 : 0);
        for (int i = 0; i < spec.length(); i++) {
            packet.put(Payload.at(Integer.toUnsignedLong(first + i)));
        }
        sign(packet, start, options);
        packet.putShort(start + CHECKSUM, (short) Internet.checksum(packet, ipHeader, start, Internet.TCP));
        if (within != null) {
            packet.putShort(ipHeader + 6, (short) Internet.checksum(packet, ipHeader, Internet.UDP));
        }
        return bytes(packet);
    }

    /** Puts the code of a signature in its place, if there is to be one. */
    private void sign(final ByteBuffer packet, final int start, final List<TcpOption> options) {
        int at = start + TCP_HEADER;
        for (final TcpOption option : options) {
            if (option.isValidSignature()) {
                final ByteBuffer segment = packet.slice(start, packet.limit() - start);
                packet.put(at + 2, Md5Signature.code(remote, local, segment, settings.signer()));
            }
            at += option.length();
        }
    }

    byte[] udp(final Udp spec, final Flow flow) {
        final ByteBuffer packet = packet(Internet.UDP, spec.ip(), UDP_HEADER + spec.length());
        final int start = packet.position();
        Internet.udp(packet, flow.remotePort, flow.localPort, spec.length());
        packet.putShort(start + 6, (short) Internet.checksum(packet, start, Internet.UDP));
        return bytes(packet);
    }

    byte[] icmp(final Icmp spec, final Flow flow) {
        final int typeAndCode = IcmpNames.typeAndCode(v4, spec.type(), spec.code());
        IcmpNames.checkMtu(v4, typeAndCode, spec.mtu());
        final byte[] quoted = quote(spec, flow);
        final int protocol = v4 ? Internet.ICMP : Internet.ICMP6;
        final ByteBuffer packet = packet(protocol, spec.ip(), ICMP_HEADER + quoted.length);
        final int start = packet.position();
        packet.putShort((short) typeAndCode).putShort((short) 0);
        packet.putInt(spec.mtu() < 0 ? spec.identifier() << 16 : (int) spec.mtu());
        packet.put(quoted);
        packet.putShort(start + 2, (short) Internet.checksum(packet, start, protocol));
        return bytes(packet);
    }

    /** The start of the packet of ours that the error is about. */
    private byte[] quote(final Icmp spec, final Flow flow) {
        final Quoted said = spec.quoted();
        if (said == null && spec.type().startsWith("echo")) {
            return new byte[0];
        }
        // One that says nothing of what it quotes is about our SYN, as too big as it says.
        final Quoted quoted = said == null ? new Quoted(Internet.TCP, 0, (int) Math.max(0, spec.mtu()), null) : said;
        if (quoted.protocol() == Quoted.RAW) {
            return new byte[quoted.length() - ICMP_HEADER];
        }
        final int header = quoted.protocol() == Internet.TCP ? TCP_HEADER : UDP_HEADER;
        final int length = header + quoted.length();
        final Within within = quoted.within();
        final int protocol = within == null ? quoted.protocol() : Internet.UDP;
        final int outer = within == null ? 0 : UDP_HEADER;
        final ByteBuffer packet = Internet.packet(local, remote, protocol, 0, 64, outer + length);
        if (within != null) {
            Internet.udp(packet, within.source(), within.destination(), length);
        }
        packet.putShort((short) flow.localPort).putShort((short) flow.remotePort);
        if (quoted.protocol() == Internet.TCP) {
            packet.putInt(flow.toLive(quoted.seq(), false)).putInt(0).putShort((short) (TCP_HEADER << 10 | ACK));
        } else {
            packet.putShort((short) length);
        }
        final byte[] start = new byte[Math.min(packet.capacity(), MOST_QUOTED)];
        packet.get(0, start);
        return start;
    }

    private static byte[] bytes(final ByteBuffer packet) {
        final byte[] bytes = new byte[packet.capacity()];
        packet.get(0, bytes);
        return bytes;
    }

    private ByteBuffer packet(final int protocol, final IpFields ip, final int payload) {
        final int trafficClass = Math.max(0, ip.trafficClass());
        return Internet.packet(remote, local, protocol, trafficClass, ip.hopLimit(), payload);
    }
}
