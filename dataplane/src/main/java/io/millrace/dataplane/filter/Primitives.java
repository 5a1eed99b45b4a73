package io.millrace.dataplane.filter;

import io.millrace.dataplane.filter.Parser.Qualifiers;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Turns qualifiers and what stands behind them into conditions. */
final class Primitives {
    private static final int MAX_PORT = 0xFFFF;
    private static final int MAX_PROTOCOL = 0xFF;
    private static final int LEAST_ETHER_TYPE = 0x0600;

    private final Tokens tokens;
    private final Headers headers;

    Primitives(final Tokens tokens, final Headers headers) {
        this.tokens = tokens;
        this.headers = headers;
    }

    /** The name of a protocol by itself. */
    Condition protocol(final Token at, final String protocol) {
        return switch (protocol) {
            case "ip", "ip6", "arp", "rarp" -> headers.linkType(Numbers.ETHER_TYPES.getOrDefault(protocol, 0));
            case "icmp", "igmp", "vrrp" -> headers.ipv4Protocol(Numbers.PROTOCOLS.getOrDefault(protocol, 0));
            case "icmp6" -> headers.ipv6Protocol(Numbers.PROTOCOLS.getOrDefault(protocol, 0));
            case "ether", "link" -> throw tokens.wrong(at, "expected host, proto, broadcast or multicast behind it");
            default -> headers.ipProtocol(Numbers.PROTOCOLS.getOrDefault(protocol, 0));
        };
    }

    /** {@code broadcast} or {@code multicast}, which was taken. */
    Condition group(final Token at, final @Nullable String protocol, final boolean broadcast) {
        if (protocol == null || protocol.equals("ether") || protocol.equals("link")) {
            needEthernet(at);
            return broadcast ? headers.etherHost(Headers.End.DESTINATION, 0xFFFF_FFFF_FFFFL) : headers.etherMulticast();
        }
        if (!broadcast && protocol.equals("ip")) {
            return headers.ipv4Multicast();
        }
        if (!broadcast && protocol.equals("ip6")) {
            return headers.ipv6Multicast();
        }
        throw tokens.wrong(at, broadcast ? "only ether has a broadcast here" : "only ether, ip and ip6 have groups");
    }

    /** An address, or with a prefix a network. */
    Condition host(final Qualifiers of, final boolean net) {
        final Token token = tokens.take();
        final OptionalLong mac = Numbers.mac(token.text());
        final String protocol = of.protocol();
        if (protocol != null && !Numbers.ETHER_TYPES.containsKey(protocol)) {
            if (mac.isPresent() && (protocol.equals("ether") || protocol.equals("link")) && !net) {
                needEthernet(token);
                return headers.etherHost(of.end(), mac.getAsLong());
            }
            throw tokens.wrong(
                    token,
                    protocol.equals("ether") || protocol.equals("link")
                            ? "expected a MAC address, for instance 02:00:00:00:00:01"
                            : protocol + " has ports, but no " + (net ? "networks" : "hosts"));
        }
        if (mac.isPresent()) {
            throw tokens.wrong(token, "write 'ether host' in front of a MAC address");
        }
        final int[] address = Numbers.ipv6(token.text());
        return address == null ? ipv4(of, token, net) : ipv6(of, token, address);
    }

    private Condition ipv4(final Qualifiers of, final Token token, final boolean net) {
        final long dotted = Numbers.dotted(token.text());
        final int bytes = (int) (dotted >>> 32);
        if (dotted < 0) {
            throw tokens.wrong(token, "expected an address; names are not looked up");
        }
        final boolean prefix = tokens.peek().is("/");
        if (bytes < 4 && !net && !prefix) {
            throw tokens.wrong(
                    token, "an IPv4 address has four parts; write net in front of the first ones of a network");
        }
        final int address = (int) dotted;
        int mask = Numbers.mask(8 * bytes, 0);
        if (prefix) {
            tokens.take();
            mask = Numbers.mask(number(32, "prefix length"), 0);
        } else if (net && tokens.take("mask")) {
            final Token text = tokens.take();
            final long given = Numbers.dotted(text.text());
            if (given < 0 || given >>> 32 != 4) {
                throw tokens.wrong(text, "expected a mask, for instance 255.255.255.0");
            }
            mask = (int) given;
        }
        if ((address & ~mask) != 0) {
            throw tokens.wrong(token, "the address has bits beyond its network");
        }
        return ipv4(of, token, address, mask);
    }

    private Condition ipv4(final Qualifiers of, final Token token, final int address, final int mask) {
        final String protocol = of.protocol();
        if (protocol == null) {
            return headers.ipv4Host(Headers.IPV4, of.end(), address, mask)
                    .or(headers.ipv4Host(Headers.ARP, of.end(), address, mask))
                    .or(headers.ipv4Host(Headers.RARP, of.end(), address, mask));
        }
        if (protocol.equals("ip6")) {
            throw tokens.wrong(token, "ip6 stands in front of an IPv4 address");
        }
        return headers.ipv4Host(Numbers.ETHER_TYPES.getOrDefault(protocol, 0), of.end(), address, mask);
    }

    private Condition ipv6(final Qualifiers of, final Token token, final int[] address) {
        if (of.protocol() != null && !of.protocol().equals("ip6")) {
            throw tokens.wrong(token, of.protocol() + " stands in front of an IPv6 address");
        }
        final int bits = tokens.take("/") ? number(128, "prefix length") : 128;
        final int[] mask = new int[address.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = Numbers.mask(bits, Integer.SIZE * i);
            if ((address[i] & ~mask[i]) != 0) {
                throw tokens.wrong(token, "the address has bits beyond its network");
            }
        }
        return headers.ipv6Host(of.end(), address, mask);
    }

    /** A port or a range of ports. */
    Condition ports(final Qualifiers of) {
        final Token token = tokens.take();
        final String protocol = of.protocol();
        final int number = switch (protocol) {
            case null -> 0;
            case "tcp", "udp", "sctp" -> Numbers.PROTOCOLS.getOrDefault(protocol, 0);
            default -> throw tokens.wrong(token, protocol + " has no ports");
        };
        final String text = token.text();
        final int hyphen = text.indexOf('-');
        final boolean range = "portrange".equals(of.kind()) && hyphen > 0;
        final long low =
                Numbers.number(range ? text.substring(0, hyphen) : text).orElse(-1);
        final long high = range ? Numbers.number(text.substring(hyphen + 1)).orElse(-1) : low;
        if (low < 0 || high < 0 || low > MAX_PORT || high > MAX_PORT) {
            throw tokens.wrong(
                    token,
                    "portrange".equals(of.kind())
                            ? "expected two port numbers, for instance 8000-8010"
                            : "expected a port number from 0 to 65535; names are not looked up");
        }
        return headers.ports(number, of.end(), (int) Math.min(low, high), (int) Math.max(low, high));
    }

    /** {@code proto} with a number or the name of a protocol. */
    Condition number(final Qualifiers of) {
        final Token token = tokens.take();
        final String protocol = of.protocol();
        if (of.end() != Headers.End.EITHER) {
            throw tokens.wrong(token, "a protocol has neither source nor destination");
        }
        if (protocol != null && (protocol.equals("ether") || protocol.equals("link"))) {
            final Integer type = Numbers.ETHER_TYPES.get(token.text());
            final long number = Numbers.number(token.text()).orElse(type == null ? -1 : type);
            if (number < LEAST_ETHER_TYPE || number > 0xFFFF) {
                throw tokens.wrong(token, "expected an EtherType, 0x600 to 0xFFFF, or ip, ip6, arp or rarp");
            }
            return headers.linkType((int) number);
        }
        final Integer named = Numbers.PROTOCOLS.get(token.text());
        final long number = Numbers.number(token.text()).orElse(named == null ? -1 : named);
        if (number < 0 || number > MAX_PROTOCOL) {
            throw tokens.wrong(token, "expected a protocol, 0 to 255, or a name such as tcp");
        }
        return switch (protocol) {
            case null -> headers.ipProtocol((int) number);
            case "ip" -> headers.ipv4Protocol((int) number);
            case "ip6" -> headers.ipv6Protocol((int) number);
            default -> throw tokens.wrong(token, protocol + " carries no protocols");
        };
    }

    private int number(final int high, final String what) {
        final Token token = tokens.take();
        final long number = Numbers.number(token.text()).orElse(-1);
        if (number < 0 || number > high) {
            throw tokens.wrong(token, "expected a " + what + " from 0 to " + high);
        }
        return (int) number;
    }

    private void needEthernet(final Token at) {
        if (!headers.isEthernet()) {
            throw tokens.wrong(at, "packets here have no Ethernet header");
        }
    }
}
