package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code millrace forward} in a namespace, and Linux hosts at its TAP interfaces {@code mr0}, {@code mr1} and so on, each
 * in a namespace of its own.
 */
final class ApplianceSite implements AutoCloseable {
    private final Path folder;
    private final Namespace namespace = Namespaces.create();
    private final List<Namespace> hosts = new ArrayList<>();
    private @Nullable ServeProcess appliance;

    ApplianceSite(Path folder) throws CommandException {
        this.folder = folder;
    }

    /** Where the appliance runs. */
    Namespace namespace() {
        return namespace;
    }

    /** Starts an appliance with so many TAP interfaces, and gives each to a host. */
    void start(int ports, String... arguments) throws Exception {
        appliance = ServeProcess.startCommand("forward", namespace, folder.resolve("stats.json"), arguments);
        for (int i = 0; i < ports; i++) {
            final Namespace host = Namespaces.create();
            hosts.add(host);
            namespace.run("ip", "link", "set", "mr" + i, "netns", Namespaces.pid(host));
            host.run("ip", "link", "set", "mr" + i, "addrgenmode", "none", "up");
        }
    }

    /** A host, which gets these addresses. */
    Namespace host(int index, String... addresses) throws CommandException {
        final Namespace host = hosts.get(index);
        for (final String address : addresses) {
            if (address.contains(":")) {
                host.run("ip", "address", "add", address, "dev", "mr" + index, "nodad");
            } else {
                host.run("ip", "address", "add", address, "dev", "mr" + index);
            }
        }
        return host;
    }

    /** Gives the hosts of a router default routes: the router is 10.0.N.1 and 2001:db8:N::1 at port N. */
    void routeByTheRouter() throws CommandException {
        for (int i = 0; i < hosts.size(); i++) {
            hosts.get(i).run("ip", "route", "add", "default", "via", "10.0." + i + ".1");
            hosts.get(i).run("ip", "-6", "route", "add", "default", "via", "2001:db8:" + i + "::1");
        }
    }

    /** The MAC address of a host at its interface. */
    static String mac(Namespace host, int index) throws CommandException {
        return Namespaces.mac(host, "mr" + index);
    }

    /** What another command says of the appliance. */
    String command(String... arguments) throws IOException, InterruptedException {
        final CommandRun run = CommandRun.of(namespace, folder, List.of(), Map.of(), arguments);
        assertEquals(0, run.code(), () -> run.err() + run.out());
        return run.out();
    }

    /** Has the appliance serve a request, without a process for it, and asserts that it does; returns what it says. */
    String request(String object, String action, Map<String, String> arguments) throws IOException {
        final StringBuilder text = new StringBuilder();
        for (final JsonElement row : appliance().request(object, action, arguments)) {
            text.append(row.getAsJsonObject().get("text").getAsString()).append('\n');
        }
        return text.toString();
    }

    /** The MAC addresses that the ready line tells, of the ports in their order. */
    String[] macs() {
        return Pattern.compile(" mac=(\\S+)")
                .matcher(appliance().output())
                .results()
                .map(result -> result.group(1))
                .toArray(String[]::new);
    }

    ServeProcess appliance() {
        if (appliance == null) {
            throw new IllegalStateException("the appliance was not started");
        }
        return appliance;
    }

    /** Ends the appliance in order; returns its statistics. */
    String stop() throws IOException, InterruptedException {
        return appliance().stop();
    }

    @Override
    public void close() {
        if (appliance != null) {
            appliance.close();
        }
        hosts.forEach(Namespace::close);
        namespace.close();
    }
}
