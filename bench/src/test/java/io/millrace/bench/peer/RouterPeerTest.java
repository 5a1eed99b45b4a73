package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.tap.TapPort;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Linux on either side of a router of ours, each in a namespace of its own. */
@Tag("peers")
final class RouterPeerTest {
    private static final int SMALL_MTU = 1_280;
    private static final String PATIENCE_SECONDS = "60";

    @Test
    @Timeout(600)
    void shouldRouteBetweenTwoLinuxHosts(@TempDir final Path folder) throws Exception {
        Netns.call(() -> {
            try (PacketPool pool = ArenaPool.create(1_024, 1_518)) {
                final PoolCache cache = new PoolCache(pool, 64);
                route(pool, cache, folder);
                cache.flush();
                assertEquals(pool.capacity(), pool.available());
            }
            return 0;
        });
    }

    private static void route(final PacketPool pool, final PoolCache cache, final Path folder) throws Exception {
        try (TapPort left = TapPort.open("left", Medium.ETHERNET, pool, 1);
                TapPort right = TapPort.open("right", Medium.ETHERNET, pool, 1);
                Namespace a = Namespaces.create();
                Namespace b = Namespaces.create();
                Stack stack = Stack.create(StackConfig.defaults(), cache)) {
            stack.addInterface(
                    InterfaceConfig.of("10.0.1.1/24", "2001:db8:1::1/64")
                            .withDuplicateDetection(DuplicateDetection.OFF),
                    left.info(),
                    left.queue(0, cache));
            stack.addInterface(
                    InterfaceConfig.of("10.0.2.1/24", "2001:db8:2::1/64")
                            .withMtu(SMALL_MTU)
                            .withDuplicateDetection(DuplicateDetection.OFF),
                    right.info(),
                    right.queue(0, cache));
            stack.forwarding(ForwardingRules.ROUTER);
            settle(a, "left", 1);
            settle(b, "right", 2);
            try (PacketCapture leftCapture = PacketCapture.start(a::enter, "left", folder.resolve("left.pcap"));
                    PacketCapture rightCapture = PacketCapture.start(b::enter, "right", folder.resolve("right.pcap"))) {
                contains("3 received", ping(stack, a, three("10.0.2.2")));
                contains("3 received", ping(stack, a, three("2001:db8:2::2")));
                contains("3 received", ping(stack, b, three("10.0.1.2")));

                contains("From 10.0.1.1 .*Time to live exceeded", ping(stack, a, "-c", "1", "-t", "1", "10.0.2.2"));
                contains("1 received", ping(stack, a, "-c", "1", "-t", "2", "10.0.2.2"));
                contains("From 2001:db8:1::1 .*Hop limit", ping(stack, a, "-c", "1", "-t", "1", "2001:db8:2::2"));
                contains("1 received", ping(stack, a, "-c", "1", "-t", "2", "2001:db8:2::2"));

                contains("mtu ?= ?1280", ping(stack, a, "-c", "1", "-M", "do", "-s", "1400", "10.0.2.2"));
                contains("mtu ?= ?1280", ping(stack, a, "-c", "1", "-M", "do", "-s", "1400", "2001:db8:2::2"));
                contains("Destination Net Unreachable", ping(stack, a, "-c", "1", "203.0.113.1"));
                contains("No route", ping(stack, a, "-c", "1", "2001:db8:99::1"));
                // Our address at the far side, asked from the near one.
                contains("1 received", ping(stack, a, "-c", "1", "10.0.2.1"));
                assertTrue(stack.counters().get(StackCounter.FORWARDED) >= 18);
                leftCapture.assertSound(
                        stack.interfaces().getFirst().macAddress().toString());
                rightCapture.assertSound(
                        stack.interfaces().getLast().macAddress().toString());
            }
        }
    }

    private static void settle(final Namespace namespace, final String device, final int net) throws Exception {
        Netns.run("ip", "link", "set", device, "netns", Namespaces.pid(namespace));
        namespace.run("ip", "address", "add", "10.0." + net + ".2/24", "dev", device);
        namespace.run("ip", "address", "add", "2001:db8:" + net + "::2/64", "dev", device, "nodad");
        namespace.run("ip", "link", "set", device, "up");
        namespace.run("ip", "route", "add", "default", "via", "10.0." + net + ".1");
        namespace.run("ip", "-6", "route", "add", "default", "via", "2001:db8:" + net + "::1");
        Namespaces.bePatient(namespace);
    }

    private static String ping(final Stack stack, final Namespace from, final String... arguments) throws IOException {
        final String[] command = new String[arguments.length + 4];
        command[0] = "ping";
        command[1] = "-n";
        command[2] = "-W";
        command[3] = PATIENCE_SECONDS;
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        final Process process = from.process(command).redirectErrorStream(true).start();
        while (process.isAlive()) {
            stack.poll(System.nanoTime() / 1_000);
        }
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** At once, since ping waits for later answers no longer than an interval or two round trips. */
    private static String[] three(final String address) {
        return new String[] {"-c", "3", "-l", "3", "-i", PATIENCE_SECONDS, address};
    }

    private static void contains(final String pattern, final String output) {
        assertTrue(output.matches("(?s).*" + pattern + ".*"), output);
    }
}
