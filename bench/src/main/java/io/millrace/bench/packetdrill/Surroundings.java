package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.script.ScriptException;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is around the stack of a script, and may change at any time: what is known of paths, whether the link takes packets,
 * and files.
 */
final class Surroundings {
    /** What {@code ip route} says of a path behind the words that lead there. */
    private static final Pattern ROUTE = Pattern.compile(
            "ip(?: -[46])? route (?:add|change|replace) (\\S+)(?: via \\S+)?(?: dev \\S+)?( [a-z_]+ .*)?");

    private static final Pattern STUCK =
            Pattern.compile("tc .*qdisc (?:add|replace|change) dev \\S+ root pfifo limit 0(?: 2?>.*)?");
    private static final Pattern OTHER = Pattern.compile("tc .*qdisc .*");

    private static final Pattern MAKE = Pattern.compile("(?:/bin/|/usr/bin/)?dd( .*)");
    private static final Pattern REMOVE = Pattern.compile("(?:/bin/|/usr/bin/)?rm(?: -[a-z]+)*((?: [^ -]\\S*)+)");

    private final Map<String, Long> files = new HashMap<>();
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
        if (changeFiles(line, command)) {
            return true;
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

    /** Files of which only the length matters, as {@code dd} makes them, and their removal. */
    private boolean changeFiles(final int line, final String command) {
        final Matcher removal = REMOVE.matcher(command);
        if (removal.matches()) {
            files.keySet().removeAll(List.of(removal.group(1).strip().split(" +", -1)));
            return true;
        }
        final Matcher made = MAKE.matcher(command);
        if (!made.matches()) {
            return false;
        }
        final Map<String, String> operands = new HashMap<>();
        for (final String operand : made.group(1).strip().split(" +", -1)) {
            final int equals = operand.indexOf('=');
            operands.put(operand.substring(0, Math.max(equals, 0)), operand.substring(equals + 1));
        }
        final String file = operands.get("of");
        if (file == null || !"/dev/zero".equals(operands.get("if"))) {
            throw ScriptException.unsupported(line, "the command '" + command + "' without if=/dev/zero and of=");
        }
        try {
            files.put(
                    file,
                    Long.parseLong(operands.getOrDefault("bs", "512"))
                            * Long.parseLong(operands.getOrDefault("count", "1")));
        } catch (final NumberFormatException e) {
            throw ScriptException.unsupported(line, "the command '" + command + "' with sizes other than in bytes");
        }
        return true;
    }

    /** Files with their lengths. */
    Map<String, Long> files() {
        return files;
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
