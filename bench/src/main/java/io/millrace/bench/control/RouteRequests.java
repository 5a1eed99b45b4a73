package io.millrace.bench.control;

import io.millrace.dataplane.run.ShardOptions;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.route.RouteOrigin;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What requests about routes do with one stack, on its thread. */
final class RouteRequests {
    private RouteRequests() {}

    static List<RouteRow> show(Stack stack) {
        final List<RouteRow> rows = new ArrayList<>();
        for (final Route route : stack.routes()) {
            rows.add(new RouteRow(route.text(name(stack, route), ShardOptions.monotonicMicros())));
        }
        return rows;
    }

    /** Where a packet to an address would go, as {@code ip route get} prints it. */
    static List<RouteRow> get(Stack stack, ControlRequest request) {
        final IpAddress address = ControlService.address(request.required("address"));
        for (final NetInterface netInterface : stack.interfaces()) {
            if (netInterface.addresses().stream()
                    .anyMatch(cidr -> cidr.address().equals(address))) {
                return List.of(new RouteRow("local " + address + " dev " + netInterface.name() + " src " + address));
            }
        }
        final Route route = stack.routeTo(address);
        if (route == null || route.kind() == RouteKind.UNREACHABLE || route.kind() == RouteKind.BLACKHOLE) {
            throw new ControlException("no route leads to " + address + "; route add makes one");
        }
        if (route.kind() == RouteKind.LOCAL) {
            return List.of(new RouteRow("local " + address + " dev " + name(stack, route)));
        }
        final IpAddress source = stack.sourceTowards(address);
        return List.of(new RouteRow(address
                + (route.gateway() == null ? "" : " via " + route.gateway())
                + " dev " + name(stack, route)
                + (source == null ? "" : " src " + source)
                + (route.metrics().equals(RouteMetrics.NONE) ? "" : " " + route.metrics())));
    }

    static void add(Stack stack, ControlRequest request) {
        final String via = request.optional("via");
        final IpAddress gateway = via == null ? null : ControlService.address(via);
        final Cidr<? extends IpAddress> destination = destination(request.required("to"), gateway);
        final NetInterface device = ControlService.interfaceFor(
                stack, gateway == null ? destination.address() : gateway, request.optional("dev"));
        final Route route = gateway == null
                ? Route.onLink(destination, device.index())
                : Route.via(destination, gateway, device.index());
        final String metrics = request.optional("metrics");
        if (!stack.addRoute(route.withMetric(number(request.optional("metric"), "metric", 0))
                .withWeight(number(request.optional("weight"), "weight", 1))
                .withMetrics(RouteMetrics.parse(metrics == null ? "" : metrics)))) {
            throw new ControlException("there are too many routes already");
        }
    }

    static void remove(Stack stack, ControlRequest request) {
        final String via = request.optional("via");
        final IpAddress gateway = via == null ? null : ControlService.address(via);
        final Cidr<? extends IpAddress> destination = destination(request.required("to"), gateway);
        final List<NetInterface> devices = ControlService.chosen(stack, request.optional("dev"));
        boolean linux = false;
        Route chosen = null;
        for (final Route route : stack.routes()) {
            if (route.destination().equals(destination)
                    && (gateway == null || Objects.equals(route.gateway(), gateway))
                    && devices.contains(stack.interfaces().get(route.interfaceIndex()))) {
                if (route.origin() == RouteOrigin.HOST) {
                    linux = true;
                } else if (chosen == null
                        || (chosen.origin() != RouteOrigin.STATIC && route.origin() == RouteOrigin.STATIC)) {
                    chosen = route; // what an operator added goes before what came by itself
                }
            }
        }
        if (chosen != null) {
            stack.removeRoute(chosen);
            return;
        }
        if (linux) {
            throw new ControlException("the route to " + destination + " is Linux's; take it from there: ip route del");
        }
        throw new ControlException("there is no such route to " + destination + "; route show lists them");
    }

    /** A network, or {@code default} of the gateway's family. */
    private static Cidr<? extends IpAddress> destination(String text, @Nullable IpAddress gateway) {
        if (text.equals("default")) {
            final int family = gateway == null ? IpFamily.V4 : gateway.family();
            return new Cidr<>(IpAddress.of(family, 0, 0), 0);
        }
        try {
            final Cidr<? extends IpAddress> cidr = Cidr.parse(text);
            if (!cidr.equals(cidr.network())) {
                throw new ControlException(cidr + " has bits behind its prefix; write " + cidr.network());
            }
            return cidr;
        } catch (AddressSyntaxException e) {
            throw new ControlException(e.getMessage() + "; write for instance 10.0.0.0/8, or default");
        }
    }

    /** A number that a route checks the range of. */
    private static int number(@Nullable String text, String what, int otherwise) {
        try {
            return text == null ? otherwise : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new ControlException("'" + text + "' is no " + what + "; write a whole number");
        }
    }

    private static String name(Stack stack, Route route) {
        return stack.interfaces().get(route.interfaceIndex()).name();
    }
}
