package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.script.ScriptException;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is around the stack of a script, and may change at any time: what is known of paths, and whether the link takes
 * packets.
 */
final class Surroundings {
    /** What {@code ip route} says of a path behind the words that lead there. */
    private static final Pattern ROUTE = Pattern.compile(
            "ip(?: -[46])? route (?:add|change|replace) (\\S+)(?: via \\S+)?(?: dev \\S+)?( [a-z_]+ .*)?");

    private static final Pattern STUCK =
            Pattern.compile("tc .*qdisc (?:add|replace|change) dev \\S+ root pfifo limit 0(?: 2?>.*)?");
    private static final Pattern OTHER = Pattern.compile("tc .*qdisc .*");

    private final List<Route> routes = new ArrayList<>();
    private boolean stuck;

    /** Does what a command says, if it is one of these. Returns whether it is. */
    boolean change(final int line, final String command) {
        if (STUCK.matcher(command).matches()) {
            stuck = true;
            return true;
        }
        if (OTHER.matcher(command).matches()) {
            stuck = false;
            return false;
        }
        final Matcher route = ROUTE.matcher(command);
        if (!route.matches()) {
            return false;
        }
        try {
            final String to = route.group(1);
            final IpAddress host = to.indexOf('/') < 0 ? IpAddress.parse(to) : null;
            final Cidr<? extends IpAddress> network = host == null ? Cidr.parse(to) : new Cidr<>(host, host.bits());
            final String metrics = route.group(2);
            routes.add(Route.onLink(network, 0)
                    .withMetrics(metrics == null ? RouteMetrics.NONE : RouteMetrics.parse(metrics.strip())));
        } catch (final IllegalArgumentException e) {
            throw ScriptException.unsupported(line, "the command '" + command + "': " + e.getMessage());
        }
        return true;
    }

    /** Routes that are known, the latest last. */
    List<Route> routes() {
        return routes;
    }

    /** Whether the link takes no packets, as behind a queue without places. */
    boolean stuck() {
        return stuck;
    }
}
