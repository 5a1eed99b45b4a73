package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.util.List;

/** Network namespaces for tests. */
public final class Namespaces {
    private Namespaces() {}

    /**
     * A script for the shell that has Linux ask for a neighbour as often as it takes a busy machine to answer, at every
     * interface that there is. After three requests, a second apart, it would tell that the neighbour is unreachable.
     */
    static final String PATIENCE = """
        for setting in /proc/sys/net/ipv4/neigh/*/mcast_solicit /proc/sys/net/ipv6/neigh/*/mcast_solicit; do
          [ ! -w $setting ] || echo 60 > $setting
        done
        """;

    /** Makes one; where none can be made, leaves the test out. */
    public static Namespace create() throws CommandException {
        try {
            return Namespace.create();
        } catch (CommandException e) {
            assumeTrue(false, "no network namespace can be made here: " + e.getMessage());
            throw e;
        }
    }

    /** Has Linux wait for neighbours in a namespace that has all its interfaces. */
    static void bePatient(Namespace namespace) throws CommandException {
        namespace.run("sh", "-c", PATIENCE);
    }

    /** The process that holds a namespace open, as ip names it. */
    static String pid(Namespace namespace) {
        return Long.toString(namespace.pid());
    }

    /** The MAC address of an interface. */
    static String mac(Namespace namespace, String device) throws CommandException {
        // Device, state, address, flags.
        final List<String> words = List.of(namespace
                .run("ip", "-br", "link", "show", "dev", device)
                .strip()
                .split("\\s+"));
        return words.get(2);
    }
}
