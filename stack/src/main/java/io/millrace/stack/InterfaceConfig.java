package io.millrace.stack;

import io.millrace.stack.iface.ChecksumPolicy;
import io.millrace.stack.iface.LinkFormat;
import io.millrace.stack.iface.LinkRules;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an interface is, apart from what its port knows. Whether it fits the port is seen when it is added to a {@link
 * Stack}.
 *
 * @param addresses its own addresses with their networks, in order of preference
 * @param gateways default gateways, those of a family in order of preference; each is in one of the networks or
 *     link-local
 * @param mac replaces the port's MAC address; null keeps it
 * @param mtu largest IP packet in bytes, at most the port's; 0 keeps the port's
 * @param rules what it does and believes on its link
 * @param format VLAN tags and the policy of checksums
 */
public record InterfaceConfig(
        List<Cidr<? extends IpAddress>> addresses,
        List<? extends IpAddress> gateways,
        @Nullable MacAddress mac,
        int mtu,
        LinkRules rules,
        LinkFormat format) {
    /** Copies the lists. */
    public InterfaceConfig {
        addresses = List.copyOf(addresses);
        gateways = List.copyOf(gateways);
    }

    /** With {@linkplain LinkRules#DEFAULT the usual rules}, untagged frames and all checksums. */
    public InterfaceConfig(
            final List<Cidr<? extends IpAddress>> addresses,
            final List<? extends IpAddress> gateways,
            final @Nullable MacAddress mac,
            final int mtu) {
        this(addresses, gateways, mac, mtu, LinkRules.DEFAULT, LinkFormat.PLAIN);
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

    /** The same with one more default gateway, behind those that there are. */
    public InterfaceConfig withGateway(final IpAddress gateway) {
        final List<IpAddress> all = new ArrayList<>(gateways);
        all.add(gateway);
        return new InterfaceConfig(addresses, all, mac, mtu, rules, format);
    }

    /** The same with a MAC address that replaces the port's. */
    public InterfaceConfig withMac(final MacAddress newMac) {
        return new InterfaceConfig(addresses, gateways, newMac, mtu, rules, format);
    }

    /** The same with a smaller MTU than the port's. */
    public InterfaceConfig withMtu(final int newMtu) {
        return new InterfaceConfig(addresses, gateways, mac, newMtu, rules, format);
    }

    /** The same with another way to find out whether somebody else has its addresses. */
    public InterfaceConfig withDuplicateDetection(final DuplicateDetection detection) {
        return new InterfaceConfig(addresses, gateways, mac, mtu, rules.withDuplicateDetection(detection), format);
    }

    /** The same with ICMP redirects followed or not, for each family. */
    public InterfaceConfig withRedirects(final boolean redirects4, final boolean redirects6) {
        return new InterfaceConfig(addresses, gateways, mac, mtu, rules.withRedirects(redirects4, redirects6), format);
    }

    /** The same within a VLAN: takes its frames only, and tags what it sends. */
    public InterfaceConfig withVlan(final VlanFilter vlan) {
        return new InterfaceConfig(addresses, gateways, mac, mtu, rules, new LinkFormat(vlan, format.checksums()));
    }

    /** The same within the VLAN of an id, 1 to 4094. */
    public InterfaceConfig withVlan(final int id) {
        return withVlan(VlanFilter.of(id));
    }

    /** The same within a customer VLAN that is inside a service VLAN (QinQ), each 1 to 4094. */
    public InterfaceConfig withVlan(final int service, final int customer) {
        return withVlan(VlanFilter.stacked(service, customer));
    }

    /** The same with another policy of checksums. */
    public InterfaceConfig withChecksums(final ChecksumPolicy checksums) {
        return new InterfaceConfig(addresses, gateways, mac, mtu, rules, new LinkFormat(format.vlan(), checksums));
    }
}
