package io.millrace.bench.plan;

import io.millrace.config.PortConfig;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses the addresses of all ports and adds to the problems whatever could not work. */
final class AddressChecks {
    /** RFC 8200 section 5. */
    private static final int MIN_IPV6_MTU = 1280;

    /** A network, its router and what is known of the paths. */
    private static final Pattern ROUTE = Pattern.compile("([^=\\s]+)\\s*(?:=\\s*(\\S+))?\\s*(.*)");

    private static final String ROUTE_ADVICE = "write for instance 10.0.0.0/8=192.0.2.7 or 2001:db8:1::/48=fe80::7";

    private final Problems problems;
    private final Map<IpAddress, String> taken = new HashMap<>();

    AddressChecks(Problems problems) {
        this.problems = problems;
    }

    PortAddresses check(PortConfig port) {
        final List<Cidr<? extends IpAddress>> own = new ArrayList<>();
        for (final Located<String> text : port.addresses()) {
            final Cidr<? extends IpAddress> cidr = own(text);
            if (cidr != null) {
                own.add(cidr);
            }
        }
        checkMtu(port, own);
        Ipv4Address gateway4 = null;
        Ipv6Address gateway6 = null;
        for (final Located<String> text : port.gateways()) {
            switch (gateway(text, own)) {
                case Ipv4Address v4 -> {
                    checkFirst(text, gateway4);
                    gateway4 = v4;
                }
                case Ipv6Address v6 -> {
                    checkFirst(text, gateway6);
                    gateway6 = v6;
                }
                case null -> {} // told already
            }
        }
        final List<PortAddresses.Route> routes = new ArrayList<>();
        for (final Located<String> text : port.routes()) {
            final PortAddresses.Route route = route(text, own);
            if (route != null) {
                routes.add(route);
            }
        }
        return new PortAddresses(List.copyOf(own), gateway4, gateway6, List.copyOf(routes));
    }

    private @Nullable Cidr<? extends IpAddress> own(Located<String> text) {
        final Cidr<? extends IpAddress> cidr;
        try {
            cidr = Cidr.parse(text.value());
        } catch (AddressSyntaxException e) {
            problems.add(
                    text.place(), String.valueOf(e.getMessage()), "write for instance 192.0.2.1/24 or 2001:db8::1/64");
            return null;
        }
        final IpAddress address = cidr.address();
        if (!address.isUnicast() || address.isLoopback()) {
            problems.add(text.place(), address + " cannot be the address of an interface", "choose a unicast address");
            return null;
        }
        if (address instanceof Ipv4Address && cidr.prefixLength() < 31) {
            if (address.equals(cidr.network().address())) {
                problems.add(text.place(), address + " is the network itself", "choose a host of " + cidr.network());
                return null;
            }
            if (address.equals(cidr.broadcast().orElse(null))) {
                problems.add(
                        text.place(), address + " is the network's broadcast", "choose a host of " + cidr.network());
                return null;
            }
        }
        final String other = taken.putIfAbsent(address, text.place().toString());
        if (other != null) {
            problems.add(text.place(), address + " is given already", "write it once, " + other + " has it");
            return null;
        }
        return cidr;
    }

    private void checkMtu(PortConfig port, List<Cidr<? extends IpAddress>> own) {
        final Located<Integer> mtu = port.mtu();
        if (mtu == null || mtu.value() >= MIN_IPV6_MTU) {
            return;
        }
        for (final Cidr<? extends IpAddress> cidr : own) {
            if (cidr.address().family() == IpFamily.V6) {
                problems.add(
                        mtu.place(),
                        "IPv6 needs an MTU of " + MIN_IPV6_MTU + " or more, but " + cidr + " has " + mtu.value(),
                        "raise it, or give IPv4 addresses only");
                return;
            }
        }
    }

    private @Nullable IpAddress gateway(Located<String> text, List<Cidr<? extends IpAddress>> own) {
        final IpAddress gateway;
        try {
            gateway = IpAddress.parse(text.value());
        } catch (AddressSyntaxException e) {
            problems.add(
                    text.place(),
                    String.valueOf(e.getMessage()),
                    "write the gateway's address without a prefix length");
            return null;
        }
        if (!gateway.isUnicast() || gateway.isLoopback()) {
            problems.add(text.place(), gateway + " cannot be a gateway", "choose the address of a router on the link");
            return null;
        }
        boolean onLink = gateway instanceof Ipv6Address && gateway.isLinkLocal();
        for (final Cidr<? extends IpAddress> cidr : own) {
            if (cidr.address().equals(gateway)) {
                problems.add(
                        text.place(), gateway + " is our own address", "choose the address of a router on the link");
                return null;
            }
            onLink |= cidr.address().family() == gateway.family() && cidr.contains(gateway);
        }
        if (!onLink && !own.isEmpty()) {
            problems.add(
                    text.place(),
                    "gateway " + gateway + " is in no network of this port",
                    "choose one within "
                            + own.stream()
                                    .map(cidr -> cidr.network().toString())
                                    .toList());
            return null;
        }
        return gateway;
    }

    private PortAddresses.@Nullable Route route(Located<String> text, List<Cidr<? extends IpAddress>> own) {
        final Matcher parts = ROUTE.matcher(text.value().strip());
        if (!parts.matches()) {
            problems.add(text.place(), "'" + text.value() + "' is no route", ROUTE_ADVICE);
            return null;
        }
        final Cidr<? extends IpAddress> network;
        try {
            network = Cidr.parse(parts.group(1));
        } catch (AddressSyntaxException e) {
            problems.add(text.place(), String.valueOf(e.getMessage()), ROUTE_ADVICE);
            return null;
        }
        if (!network.equals(network.network())) {
            problems.add(text.place(), network + " has bits behind its prefix", "write " + network.network());
            return null;
        }
        if (network.address().isMulticast()) {
            problems.add(text.place(), network + " is a range of groups", "leave it out, groups need no route");
            return null;
        }
        final Route checked;
        try {
            checked = Route.onLink(network, 0).withMetrics(RouteMetrics.parse(parts.group(3)));
        } catch (IllegalArgumentException e) {
            problems.add(
                    text.place(),
                    String.valueOf(e.getMessage()),
                    "write for instance 10.0.0.0/8=192.0.2.7 mtu 1400 initcwnd 20");
            return null;
        }
        if (parts.group(2) == null) {
            return new PortAddresses.Route(network, null, checked.metrics());
        }
        final IpAddress gateway = gateway(text.with(parts.group(2)), own);
        if (gateway == null) {
            return null;
        }
        if (gateway.family() != network.address().family()) {
            problems.add(
                    text.place(),
                    "gateway " + gateway + " is of another family than " + network,
                    "choose a router of the network's own family");
            return null;
        }
        return new PortAddresses.Route(network, gateway, checked.metrics());
    }

    private void checkFirst(Located<String> text, @Nullable IpAddress earlier) {
        if (earlier != null) {
            problems.add(
                    text.place(),
                    "gateway " + text.value() + " is the second of its family after " + earlier,
                    "keep one of them");
        }
    }
}
