package io.millrace.stack;

import io.millrace.stack.iface.DuplicateDetection;
import io.millrace.stack.iface.LinkRules;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an interface is called, apart from what its port knows.
 *
 * @param addresses its own addresses with their networks, in order of preference
 * @param gateways default gateways, at most one of each family; each is in one of the networks or link-local
 * @param mac replaces the port's MAC address; null keeps it
 * @param mtu largest IP packet in bytes, at most the port's; 0 keeps the port's
 * @param rules what it does and believes on its link
 */
public record InterfaceConfig(
        List<Cidr<? extends IpAddress>> addresses,
        List<? extends IpAddress> gateways,
        @Nullable MacAddress mac,
        int mtu,
        LinkRules rules) {
    /** Copies the lists. */
    public InterfaceConfig {
        addresses = List.copyOf(addresses);
        gateways = List.copyOf(gateways);
    }

    /** With {@linkplain LinkRules#DEFAULT the usual rules}. */
    public InterfaceConfig(
            final List<Cidr<? extends IpAddress>> addresses,
            final List<? extends IpAddress> gateways,
            final @Nullable MacAddress mac,
            final int mtu) {
        this(addresses, gateways, mac, mtu, LinkRules.DEFAULT);
    }

    /** An interface with addresses and nothing else. */
    public static InterfaceConfig of(final List<Cidr<? extends IpAddress>> addresses) {
        return new InterfaceConfig(addresses, List.of(), null, 0);
    }

    /**
     * An interface with addresses as text, for instance {@code "192.0.2.1/24"}.
     *
     * @throws io.millrace.stack.wire.address.AddressSyntaxException if one of them is no CIDR
     */
    public static InterfaceConfig of(final String... addresses) {
        final List<Cidr<? extends IpAddress>> parsed = new ArrayList<>();
        for (final String address : addresses) {
            parsed.add(Cidr.parse(address));
        }
        return new InterfaceConfig(parsed, List.of(), null, 0);
    }

    /** The same with another default gateway. */
    public InterfaceConfig withGateway(final IpAddress gateway) {
        final List<IpAddress> all = new ArrayList<>(gateways);
        all.add(gateway);
        return new InterfaceConfig(addresses, all, mac, mtu, rules);
    }

    /** The same with a MAC address that replaces the port's. */
    public InterfaceConfig withMac(final MacAddress newMac) {
        return new InterfaceConfig(addresses, gateways, newMac, mtu, rules);
    }

    /** The same with a smaller MTU than the port's. */
    public InterfaceConfig withMtu(final int newMtu) {
        return new InterfaceConfig(addresses, gateways, mac, newMtu, rules);
    }

    /** The same with another way to find out whether somebody else has its addresses. */
    public InterfaceConfig withDuplicateDetection(final DuplicateDetection detection) {
        return new InterfaceConfig(addresses, gateways, mac, mtu, rules.withDuplicateDetection(detection));
    }

    /** The same with ICMP redirects followed or not, for each family. */
    public InterfaceConfig withRedirects(final boolean redirects4, final boolean redirects6) {
        return new InterfaceConfig(addresses, gateways, mac, mtu, rules.withRedirects(redirects4, redirects6));
    }
}
