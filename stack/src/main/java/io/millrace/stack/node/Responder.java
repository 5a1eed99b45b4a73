package io.millrace.stack.node;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.NodeCounter;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.stack.wire.ArpView;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.NdpOptionView;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Answers for a number of addresses what can be answered without a stack: ARP requests (RFC 826), neighbour solicitations
 * (RFC 4861 section 7.2), and echo requests of both families (RFC 1122 section 3.2.2.6, RFC 4443 section 4.2). The answer
 * is written into the buffer that brought the question and keeps its VLAN tags, so that it is never larger than what was
 * asked, but for a neighbour advertisement, by 8 bytes. Edges: {@code reply} for answers, {@code rest} for all other
 * packets.
 *
 * <p>An echo request in fragments, with IPv6 extension headers, or to a group is not answered.
 */
public final class Responder extends Node {
    /** Most addresses. */
    public static final int MAX_ADDRESSES = 4_096;

    private static final int TTL = 64;
    private static final int REPLY_LENGTH = NdpView.LENGTH + NdpOptionView.LINK_ADDRESS_LENGTH;
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;
    private static final long ALL_NODES_HI = 0xFF02_0000_0000_0000L;

    private final Edge reply = edge("reply");
    private final Edge rest = edge("rest");
    private final Reason tooShort = reason("tooShort", "frames shorter than their header");
    private final Reason malformed = reason("malformed", "questions that are not as the protocol wants them");
    private final Reason badSource = reason("badSource", "questions from an address that cannot be answered");
    private final Reason noRoomBehind = reason("noRoomBehind", "solicitations whose answer their buffer cannot hold");
    private final NodeCounter arp = counter("arpReplies", "ARP requests answered");
    private final NodeCounter ndp = counter("neighborAdvertisements", "neighbour solicitations answered");
    private final NodeCounter echo4 = counter("echoReplies4", "ICMP echo requests answered");
    private final NodeCounter echo6 = counter("echoReplies6", "ICMPv6 echo requests answered");
    private final long mac;
    private final IpRepr ip = new IpRepr();

    private final AddressList own = new AddressList();

    /**
     * Makes a responder without addresses.
     *
     * @param mac that it answers for and answers from
     */
    public Responder(final String name, final MacAddress mac) {
        super(name);
        this.mac = mac.value();
    }

    /**
     * Answers for an address from now on. On the graph's thread only, once the graph runs.
     *
     * @return false if there are {@link #MAX_ADDRESSES} already
     * @throws IllegalArgumentException if it is not the unicast address of a host
     */
    public boolean add(final IpAddress address) {
        return addToAll(List.of(this), address);
    }

    /**
     * Lets several answer for an address from now on, or none of them. On the graph's thread only, once the graph runs.
     *
     * @return false, and nothing is changed, if one of them has {@link #MAX_ADDRESSES} others already
     * @throws IllegalArgumentException if it is not the unicast address of a host
     */
    public static boolean addToAll(final List<Responder> responders, final IpAddress address) {
        if (!address.isUnicast() || address.isLoopback() || (address.family() == IpFamily.V6 && address.hi() == 0)) {
            throw new IllegalArgumentException(address + " is no address that a host on a link has");
        }
        for (final Responder responder : responders) {
            if (responder.own.size() == MAX_ADDRESSES && !responder.has(address)) {
                return false;
            }
        }
        for (final Responder responder : responders) {
            if (!responder.has(address)) {
                responder.own.add(address.hi(), address.lo());
            }
        }
        return true;
    }

    private boolean has(final IpAddress address) {
        return own.contains(address.hi(), address.lo());
    }

    /** Answers for an address no longer; returns whether it did. On the graph's thread only. */
    public boolean remove(final IpAddress address) {
        return own.remove(address.hi(), address.lo());
    }

    /** Lets several answer for an address no longer; returns whether any of them did. On the graph's thread only. */
    public static boolean removeFromAll(final List<Responder> responders, final IpAddress address) {
        boolean any = false;
        for (final Responder responder : responders) {
            any |= responder.remove(address);
        }
        return any;
    }

    /** The addresses that it answers for; a copy. On the graph's thread only. */
    public List<IpAddress> addresses() {
        return own.addresses();
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        final MemorySegment memory = burst.memory();
        for (int i = 0; i < burst.count(); i++) {
            final long offset = burst.offset(i);
            final int length = burst.length(i);
            final int header = LinkHeader.length(memory, offset, length);
            if (header < 0) {
                burst.drop(i, tooShort);
                continue;
            }
            final long dst = EthernetView.dst(memory, offset);
            if (dst != mac && !MacAddress.isMulticast(dst)) {
                burst.send(i, rest); // another station's
                continue;
            }
            switch (LinkHeader.type(memory, offset, header)) {
                case EthernetView.TYPE_ARP -> arp(burst, i, memory, offset, header, length);
                case EthernetView.TYPE_IPV4 -> ipv4(burst, i, memory, offset, header, length);
                case EthernetView.TYPE_IPV6 -> ipv6(burst, i, memory, offset, header, length);
                default -> burst.send(i, rest);
            }
        }
    }

    private void arp(
            final Burst burst,
            final int index,
            final MemorySegment memory,
            final long frame,
            final int header,
            final int length) {
        final long offset = frame + header;
        if (length - header < ArpView.LENGTH || !ArpView.isEthernetIpv4(memory, offset)) {
            burst.drop(index, malformed);
            return;
        }
        final long target = ArpView.targetIp(memory, offset);
        if (ArpView.operation(memory, offset) != ArpView.REQUEST || !own.contains(0, target)) {
            burst.send(index, rest);
            return;
        }
        final long asker = ArpView.senderMac(memory, offset);
        if (MacAddress.isMulticast(asker) || asker == 0) {
            burst.drop(index, badSource);
            return;
        }
        final long askerIp = ArpView.senderIp(memory, offset);
        ArpView.write(memory, offset, ArpView.REPLY, mac, /* senderIp= */ target, asker, /* targetIp= */ askerIp);
        link(memory, frame, asker);
        arp.add(1);
        burst.send(index, reply);
    }

    private void ipv4(
            final Burst burst,
            final int index,
            final MemorySegment memory,
            final long frame,
            final int header,
            final int length) {
        final long offset = frame + header;
        if (Ipv4View.check(memory, offset, length - header) != Ipv4View.VALID) {
            burst.drop(index, malformed);
            return;
        }
        final int ipHeader = Ipv4View.headerLength(memory, offset);
        final int icmp = Ipv4View.totalLength(memory, offset) - ipHeader;
        final long dst = Ipv4View.dst(memory, offset);
        if (!own.contains(0, dst)
                || EthernetView.dst(memory, frame) != mac
                || Ipv4View.isFragment(memory, offset)
                || Ipv4View.protocol(memory, offset) != Icmpv4View.PROTOCOL
                || icmp < IcmpView.LENGTH
                || IcmpView.type(memory, offset + ipHeader) != Icmpv4View.ECHO_REQUEST) {
            burst.send(index, rest);
            return;
        }
        if (!Ipv4View.verifies(memory, offset, ipHeader) || !Icmpv4View.verifies(memory, offset + ipHeader, icmp)) {
            burst.drop(index, malformed);
            return;
        }
        final long src = Ipv4View.src(memory, offset);
        if (!isHost(memory, frame, src)) {
            burst.drop(index, badSource);
            return;
        }
        final int before = Net.u16(memory, offset + Ipv4View.TTL_OFFSET);
        final int after = TTL << 8 | (before & 0xFF);
        Net.put16(memory, offset + Ipv4View.TTL_OFFSET, after);
        Net.put16(
                memory,
                offset + Ipv4View.CHECKSUM_OFFSET,
                InternetChecksum.update16(Ipv4View.checksum(memory, offset), before, after));
        Net.put64(memory, offset + Ipv4View.SRC_OFFSET, dst << 32 | src); // the sum stays as it is
        IcmpView.retype(memory, offset + ipHeader, Icmpv4View.ECHO_REPLY);
        resize(burst, index, memory, header + ipHeader + icmp);
        link(memory, frame, EthernetView.src(memory, frame));
        echo4.add(1);
        burst.send(index, reply);
    }

    private void ipv6(
            final Burst burst,
            final int index,
            final MemorySegment memory,
            final long frame,
            final int header,
            final int length) {
        final long offset = frame + header;
        if (Ipv6View.check(memory, offset, length - header) != Ipv6View.VALID) {
            burst.drop(index, malformed);
            return;
        }
        final int payload = Ipv6View.payloadLength(memory, offset);
        if (Ipv6View.nextHeader(memory, offset) != Icmpv6View.PROTOCOL || payload < IcmpView.LENGTH) {
            burst.send(index, rest);
            return;
        }
        final long message = offset + Ipv6View.LENGTH;
        final int type = IcmpView.type(memory, message);
        final boolean echo = type == Icmpv6View.ECHO_REQUEST
                && EthernetView.dst(memory, frame) == mac
                && own.contains(Ipv6View.dstHi(memory, offset), Ipv6View.dstLo(memory, offset));
        final boolean solicitation = type == NdpView.NEIGHBOR_SOLICITATION
                && payload >= NdpView.LENGTH
                && own.contains(NdpView.targetHi(memory, message), NdpView.targetLo(memory, message));
        if (!echo && !solicitation) {
            burst.send(index, rest);
            return;
        }
        readAddresses(memory, offset);
        if (!Icmpv6View.verifies(ip, memory, message, payload)) {
            burst.drop(index, malformed);
        } else if (echo) {
            echo(burst, index, memory, frame, header);
        } else {
            advertise(burst, index, memory, frame, header, payload);
        }
    }

    private void echo(
            final Burst burst, final int index, final MemorySegment memory, final long frame, final int header) {
        final long offset = frame + header;
        if (ip.srcHi >>> 56 == 0xFF || ip.srcHi == 0 || MacAddress.isMulticast(EthernetView.src(memory, frame))) {
            burst.drop(index, badSource);
            return;
        }
        Net.put8(memory, offset + Ipv6View.HOP_LIMIT_OFFSET, TTL);
        Ipv6View.src(memory, offset, ip.dstHi, ip.dstLo);
        Net.put64(memory, offset + Ipv6View.DST_OFFSET, ip.srcHi);
        Net.put64(memory, offset + Ipv6View.DST_OFFSET + 8, ip.srcLo);
        IcmpView.retype(memory, offset + Ipv6View.LENGTH, Icmpv6View.ECHO_REPLY);
        resize(burst, index, memory, header + Ipv6View.LENGTH + Ipv6View.payloadLength(memory, offset));
        link(memory, frame, EthernetView.src(memory, frame));
        echo6.add(1);
        burst.send(index, reply);
    }

    private void advertise(
            final Burst burst,
            final int index,
            final MemorySegment memory,
            final long frame,
            final int header,
            final int payload) {
        final long offset = frame + header;
        final long message = offset + Ipv6View.LENGTH;
        final boolean probe = ip.srcHi == 0 && ip.srcLo == 0;
        final long source = NdpView.linkAddress(memory, message, payload, NdpOptionView.SOURCE_LINK_ADDRESS);
        // RFC 4861 section 7.1.1: what a solicitation must be like.
        if (Ipv6View.hopLimit(memory, offset) != NdpView.HOP_LIMIT
                || IcmpView.code(memory, message) != 0
                || source == NdpView.MALFORMED
                || (probe && source != NdpView.ABSENT)) {
            burst.drop(index, malformed);
            return;
        }
        final long asker = source == NdpView.ABSENT ? EthernetView.src(memory, frame) : source;
        if (MacAddress.isMulticast(asker) || asker == 0 || ip.srcHi >>> 56 == 0xFF) {
            burst.drop(index, badSource);
            return;
        }
        final int answer = header + Ipv6View.LENGTH + REPLY_LENGTH;
        if (BufferHeader.dataOff(memory, burst.handle(index)) + answer
                > cache().pool().dataRoom()) {
            burst.drop(index, noRoomBehind);
            return;
        }
        final long targetHi = NdpView.targetHi(memory, message);
        final long targetLo = NdpView.targetLo(memory, message);
        // Whoever asks without an address wants to take ours: everybody is told that it is taken (RFC 4862 5.4.3).
        ip.dstHi = probe ? ALL_NODES_HI : ip.srcHi;
        ip.dstLo = probe ? 1 : ip.srcLo;
        ip.srcHi = targetHi;
        ip.srcLo = targetLo;
        resize(burst, index, memory, answer);
        Ipv6View.write(
                memory,
                offset,
                0,
                0,
                REPLY_LENGTH,
                Icmpv6View.PROTOCOL,
                NdpView.HOP_LIMIT,
                ip.srcHi,
                ip.srcLo,
                ip.dstHi,
                ip.dstLo);
        NdpView.write(
                memory,
                message,
                NdpView.NEIGHBOR_ADVERTISEMENT,
                probe ? NdpView.OVERRIDE : NdpView.SOLICITED | NdpView.OVERRIDE,
                targetHi,
                targetLo,
                NdpOptionView.TARGET_LINK_ADDRESS,
                mac);
        Icmpv6View.seal(ip, memory, message, REPLY_LENGTH);
        link(memory, frame, probe ? ALL_NODES_MAC : asker);
        ndp.add(1);
        burst.send(index, reply);
    }

    private void readAddresses(final MemorySegment memory, final long offset) {
        ip.family = IpFamily.V6;
        ip.srcHi = Ipv6View.srcHi(memory, offset);
        ip.srcLo = Ipv6View.srcLo(memory, offset);
        ip.dstHi = Ipv6View.dstHi(memory, offset);
        ip.dstLo = Ipv6View.dstLo(memory, offset);
    }

    /** Gives the packet a length, without what the link padded it with, and nothing for the device to do. */
    private static void resize(final Burst burst, final int index, final MemorySegment memory, final int length) {
        BufferHeader.length(memory, burst.handle(index), length);
        BufferHeader.offloadFlags(memory, burst.handle(index), 0);
    }

    private void link(final MemorySegment memory, final long frame, final long to) {
        Net.put48(memory, frame + EthernetView.DST_OFFSET, to);
        Net.put48(memory, frame + EthernetView.SRC_OFFSET, mac);
    }

    /** Whether an IPv4 packet comes from one host: from no group, network or broadcast (RFC 1122 section 3.2.1.3). */
    private static boolean isHost(final MemorySegment memory, final long frame, final long src) {
        final long first = src >>> 24;
        return first != 0 && first != 127 && first < 224 && !MacAddress.isMulticast(EthernetView.src(memory, frame));
    }
}
