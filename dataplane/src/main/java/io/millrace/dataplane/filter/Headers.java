package io.millrace.dataplane.filter;

import io.millrace.dataplane.filter.Condition.Compare;
import io.millrace.dataplane.filter.Condition.Relation;
import io.millrace.dataplane.filter.Value.Constant;
import io.millrace.dataplane.filter.Value.Load;
import io.millrace.dataplane.port.Medium;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where headers are, and conditions upon them. {@code vlan} moves what lies behind a tag, for all that is asked later.
 *
 * <p>Sources: RFC 791, RFC 826, RFC 8200, RFC 9293, RFC 768, IEEE 802.1Q.
 */
final class Headers {
    static final int IPV4 = 0x0800;
    static final int ARP = 0x0806;
    static final int RARP = 0x8035;
    static final int IPV6 = 0x86DD;

    static final int TCP = 6;
    static final int UDP = 17;
    static final int SCTP = 132;
    private static final int FRAGMENT = 44;

    private static final int ETHERNET_HEADER = 14;
    private static final int TAG = 4;
    private static final int IPV6_HEADER = 40;
    private static final Constant ZERO = new Constant(0);

    private final Medium medium;
    private int type;
    private int network;

    Headers(final Medium medium) {
        this.medium = medium;
        this.network = medium.headerLength();
        this.type = ETHERNET_HEADER - 2;
    }

    boolean isEthernet() {
        return medium == Medium.ETHERNET;
    }

    /** Where the header behind the link's is. */
    int network() {
        return network;
    }

    /** Which end of a packet's way. */
    enum End {
        SOURCE,
        DESTINATION,
        EITHER,
        BOTH;

        /** A condition that each end is asked. */
        Condition ask(final int source, final int destination, final IntFunction<Condition> question) {
            return switch (this) {
                case SOURCE -> question.apply(source);
                case DESTINATION -> question.apply(destination);
                case EITHER -> question.apply(source).or(question.apply(destination));
                case BOTH -> question.apply(source).and(question.apply(destination));
            };
        }
    }

    static Value at(final int offset, final int size) {
        return new Load(offset, -1, ZERO, size);
    }

    /** What is behind the link's header is of an EtherType. */
    Condition linkType(final int etherType) {
        if (isEthernet()) {
            return Condition.equal(at(type, 2), etherType);
        }
        return switch (etherType) {
            case IPV4 -> Condition.masked(at(0, 1), 0x40, 0xF0);
            case IPV6 -> Condition.masked(at(0, 1), 0x60, 0xF0);
            default -> new Condition.Always(false);
        };
    }

    /** A tag comes next; what is asked later lies behind it. Null lets any VLAN pass. */
    Condition vlan(final @Nullable Integer wanted) {
        Condition tag = linkType(0x8100).or(linkType(0x88A8)).or(linkType(0x9100));
        if (wanted != null) {
            tag = tag.and(Condition.masked(at(network, 2), wanted, 0x0FFF));
        }
        type += TAG;
        network += TAG;
        return tag;
    }

    Condition ipv4Protocol(final int protocol) {
        return linkType(IPV4).and(Condition.equal(at(network + 9, 1), protocol));
    }

    /** The next header, or that behind a fragment header. */
    Condition ipv6Protocol(final int protocol) {
        final Value next = at(network + 6, 1);
        final Condition behind =
                Condition.equal(next, FRAGMENT).and(Condition.equal(at(network + IPV6_HEADER, 1), protocol));
        return linkType(IPV6).and(Condition.equal(next, protocol).or(behind));
    }

    Condition ipProtocol(final int protocol) {
        return ipv4Protocol(protocol).or(ipv6Protocol(protocol));
    }

    /** The first fragment, or a whole packet. */
    Condition ipv4First() {
        return Condition.masked(at(network + 6, 2), 0, 0x1FFF);
    }

    /** Value behind the IPv4 header. */
    Value behindIpv4(final int offset, final int size) {
        return new Load(network + offset, network, ZERO, size);
    }

    /** Ports within a range; protocol 0 is any that has ports. */
    Condition ports(final int protocol, final End end, final int low, final int high) {
        final Condition v4 = linkType(IPV4)
                .and(hasPorts(at(network + 9, 1), protocol))
                .and(ipv4First())
                .and(end.ask(0, 2, offset -> within(behindIpv4(offset, 2), low, high)));
        final int transport = network + IPV6_HEADER;
        final Condition v6 = linkType(IPV6)
                .and(hasPorts(at(network + 6, 1), protocol))
                .and(end.ask(0, 2, offset -> within(at(transport + offset, 2), low, high)));
        return v6.or(v4);
    }

    private static Condition hasPorts(final Value found, final int protocol) {
        return protocol != 0
                ? Condition.equal(found, protocol)
                : Condition.equal(found, TCP).or(Condition.equal(found, UDP)).or(Condition.equal(found, SCTP));
    }

    private static Condition within(final Value value, final int low, final int high) {
        return low == high
                ? Condition.equal(value, low)
                : new Compare(value, Relation.GREATER_OR_EQUAL, new Constant(low))
                        .and(new Compare(value, Relation.LESS_OR_EQUAL, new Constant(high)));
    }

    /** An IPv4 address and mask within IP, ARP or RARP, as the EtherType says. */
    Condition ipv4Host(final int etherType, final End end, final int address, final int mask) {
        final boolean ip = etherType == IPV4;
        return linkType(etherType)
                .and(end.ask(
                        network + (ip ? 12 : 14),
                        network + (ip ? 16 : 24),
                        offset -> Condition.masked(at(offset, 4), address, mask)));
    }

    /** An IPv6 address and mask, four words each. */
    Condition ipv6Host(final End end, final int[] address, final int[] mask) {
        return linkType(IPV6).and(end.ask(network + 8, network + 24, offset -> {
            Condition all = Condition.masked(at(offset, 4), address[0], mask[0]);
            for (int i = 1; i < address.length; i++) {
                all = all.and(Condition.masked(at(offset + 4 * i, 4), address[i], mask[i]));
            }
            return all;
        }));
    }

    Condition etherHost(final End end, final long mac) {
        return end.ask(
                6,
                0,
                offset -> Condition.equal(at(offset + 2, 4), (int) mac)
                        .and(Condition.equal(at(offset, 2), (int) (mac >>> 32))));
    }

    /** The group bit of the destination. */
    Condition etherMulticast() {
        return Condition.masked(at(0, 1), 1, 1);
    }

    Condition ipv4Multicast() {
        return linkType(IPV4).and(new Compare(at(network + 16, 1), Relation.GREATER_OR_EQUAL, new Constant(224)));
    }

    Condition ipv6Multicast() {
        return linkType(IPV6).and(Condition.equal(at(network + 24, 1), 0xFF));
    }
}
