package io.millrace.stack.wire.text;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.ArpView;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.VlanView;
import java.lang.foreign.MemorySegment;

/**
 * A packet in one line, as {@code tcpdump -n} tells it:
 *
 * <pre>
 * IP 192.0.2.2.40000 &gt; 192.0.2.1.7: Flags [S], seq 1, win 64240, options [mss 1460,sackOK], length 0
 * IP6 fe80::1 &gt; ff02::1:ff00:7: ICMP6, neighbor solicitation, who has 2001:db8::7, length 32
 * vlan 5, p 0, ARP, Request who-has 192.0.2.1 tell 192.0.2.2, length 28
 * </pre>
 *
 * <p>Beyond that it names fragments, IPv4 options, wrong checksums, and the packets that ICMP errors quote. Sequence
 * numbers are absolute. Nothing that a packet can hold makes it throw. Any thread, with a builder of its own.
 */
public final class PacketText {
    private PacketText() {}

    /**
     * Appends the line of a packet, without a line break.
     *
     * @param memory holds the packet
     * @param offset of its first byte
     * @param length bytes that are there
     * @param medium what it begins with
     * @param out gets the text
     */
    public static void append(
            final MemorySegment memory,
            final long offset,
            final int length,
            final Medium medium,
            final StringBuilder out) {
        append(memory, offset, length, medium, false, out);
    }

    /** Appends the line of a packet, with the addresses of its Ethernet header too if {@code stations} is true. */
    public static void append(
            final MemorySegment memory,
            final long offset,
            final int length,
            final Medium medium,
            final boolean stations,
            final StringBuilder out) {
        final Line line = new Line(memory, out, false);
        final long end = offset + length;
        switch (medium) {
            case ETHERNET -> ethernet(line, offset, end, stations);
            case IP -> IpText.append(line, offset, end, 0);
        }
    }

    /** The line of a packet. */
    public static String of(final MemorySegment memory, final long offset, final int length, final Medium medium) {
        final StringBuilder out = new StringBuilder(120);
        append(memory, offset, length, medium, out);
        return out.toString();
    }

    private static void ethernet(final Line line, final long offset, final long end, final boolean stations) {
        if (end - offset < EthernetView.LENGTH) {
            line.cut("ether");
            return;
        }
        if (stations) {
            line.mac(EthernetView.src(line.memory(), offset)).text(" > ");
            line.mac(EthernetView.dst(line.memory(), offset)).text(", ");
        }
        int type = EthernetView.type(line.memory(), offset);
        long at = offset + EthernetView.LENGTH;
        while (VlanView.isTag(type)) {
            if (end - at < VlanView.LENGTH) {
                line.cut("vlan");
                return;
            }
            line.text("vlan ").number(VlanView.id(line.memory(), at));
            line.text(", p ").number(VlanView.priority(line.memory(), at));
            line.text(VlanView.dropEligible(line.memory(), at) ? ", DEI, " : ", ");
            type = VlanView.type(line.memory(), at);
            at += VlanView.LENGTH;
        }
        payload(line, type, at, end);
    }

    private static void payload(final Line line, final int type, final long at, final long end) {
        switch (type) {
            case EthernetView.TYPE_IPV4 -> IpText.append(line, at, end, IpFamily.V4);
            case EthernetView.TYPE_IPV6 -> IpText.append(line, at, end, IpFamily.V6);
            case EthernetView.TYPE_ARP -> arp(line, at, end);
            default -> {
                if (type < EthernetView.MIN_TYPE) {
                    line.text("802.3, length ").number(type);
                } else {
                    line.text("ethertype ").hex(type).text(", length ").number(end - at);
                }
            }
        }
    }

    private static void arp(final Line line, final long at, final long end) {
        line.text("ARP, ");
        if (end - at < ArpView.LENGTH) {
            line.cut("arp");
            return;
        }
        if (!ArpView.isEthernetIpv4(line.memory(), at)) {
            line.text("hardware type ").number(line.u16(at)).text(", protocol ").hex(line.u16(at + 2));
            line.text(", length ").number(end - at);
            return;
        }
        final long senderMac = ArpView.senderMac(line.memory(), at);
        final long sender = ArpView.senderIp(line.memory(), at);
        final long targetMac = ArpView.targetMac(line.memory(), at);
        final long target = ArpView.targetIp(line.memory(), at);
        final int operation = ArpView.operation(line.memory(), at);
        switch (operation) {
            case ArpView.REQUEST -> {
                if (sender == 0) {
                    line.text("Probe ").ipv4(target);
                } else if (sender == target) {
                    line.text("Announcement ").ipv4(sender);
                } else {
                    line.text("Request who-has ").ipv4(target);
                    if (targetMac != 0) {
                        line.text(" (").mac(targetMac).text(")");
                    }
                    line.text(" tell ").ipv4(sender);
                }
            }
            case ArpView.REPLY ->
                line.text("Reply ").ipv4(sender).text(" is-at ").mac(senderMac);
            default -> line.text("operation ").number(operation);
        }
        line.text(", length ").number(end - at);
    }
}
