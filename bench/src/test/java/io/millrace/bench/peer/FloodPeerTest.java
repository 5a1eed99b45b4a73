package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.serve.service.EchoService;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.route.Route;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Netns;
import io.millrace.testkit.Said;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** hping3 floods a host of ours, from addresses of all the world, while clients that mean it come and go. */
@Tag("peers")
@Timeout(600)
final class FloodPeerTest {
    private static final int PORT = 7;
    private static final int CLIENTS = 50;
    private static final int LEAST_MSS = 1_300;

    /**
     * One client after the other says something and hears it back. Prints how many did, and {@code tcpi_options} of
     * all: 7 is timestamps, SACK and window scaling.
     */
    private static final String CLIENT_SCRIPT = """
        import os, socket, sys
        print("started", flush=True)
        sys.stdin.readline()
        options = 255
        for i in range(%d):
            s = socket.create_connection((sys.argv[1], %d), timeout=120)
            s.settimeout(120)
            data = os.urandom(5000)
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            heard = b""
            while more := s.recv(65536):
                heard += more
            assert heard == data, (i, len(heard))
            options &= s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[5]
            s.close()
        print(i + 1, options, flush=True)
        """.formatted(CLIENTS, PORT);

    /** Up to 20,000 SYNs a second. */
    @Test
    void shouldServeClientsWithCookiesWhenHpingFloodsWithSyns(@TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost ours = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"))) {
                final TcpListener<Ipv4Address> listener = listen(ours);
                serve(ours, listener, StackCounter.TCP_COOKIES_SENT, "-i u50 -S --rand-source -p " + PORT);
                final long fromCookies = ours.call(listener::cookiesAccepted);
                assertTrue(fromCookies > 0 && fromCookies <= CLIENTS, fromCookies + " connections from cookies");
                ours.finish().assertSound(OurHost.MAC);
            }
            return 0;
        });
    }

    /**
     * Segments of no connection, datagrams to nobody, requests for echoes, first fragments without a rest, and SYNs in
     * our own name (LAND): up to 5,000 a second of each.
     */
    @Test
    void shouldServeClientsWhenHpingFloodsWithAnythingElse(@TempDir Path folder) throws Exception {
        // So few resets that the flood is more on any machine.
        final TcpConfig tcp = TcpConfig.builder().resetsPerSecond(1000).build();
        final StackConfig config = StackConfig.defaults().withTcp(tcp);
        Netns.call(() -> {
            try (OurHost ours = OurHost.start(config, new FaultInjector(1), folder.resolve("pcap"))) {
                final TcpListener<Ipv4Address> listener = listen(ours);
                serve(
                        ours,
                        listener,
                        StackCounter.TCP_RESET_LIMIT,
                        "-i u200 -A --rand-source -p " + PORT,
                        "-i u200 -F -P -U --rand-source -p 9",
                        "-i u200 -2 -d 100 --rand-source -p 9",
                        "-i u200 -1 -d 1000 --rand-source",
                        "-i u200 -x -2 -d 100 --rand-source -p 9",
                        "-i u200 -S -k -s " + PORT + " -p " + PORT + " -a " + OurHost.V4);
                ours.finish().assertSound(OurHost.MAC);
            }
            return 0;
        });
    }

    /** Listens with an echo service. Whatever a client and we can do is agreed on, with cookies too. */
    private static TcpListener<Ipv4Address> listen(OurHost ours) throws Exception {
        final TcpHandler echo = new EchoService().handler();
        final TcpHandler handler = new TcpHandler() {
            @Override
            public void onConnected(TcpSocket<?> socket) {
                final TcpInfo info = socket.info(new TcpInfo());
                if (info.sack && info.timestamps && info.sendWindowScale > 0 && info.sendMss > LEAST_MSS) {
                    socket.handler(echo);
                } else {
                    socket.abort();
                }
            }
        };
        return ours.call(() -> {
            ours.stack().addRoute(Route.via(Cidr.parse("0.0.0.0/0"), Ipv4Address.parse(OurHost.THEIR_V4), 0));
            final Endpoint<Ipv4Address> local = new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT);
            return ours.stack().listen(local, 64, handler);
        });
    }

    /**
     * Serves all clients while the floods go on.
     *
     * @param effect counts when the floods do what they are for
     */
    private static void serve(OurHost ours, TcpListener<?> listener, StackCounter effect, String... floods)
            throws Exception {
        final Process clients = Netns.start("python3", "-c", CLIENT_SCRIPT, OurHost.V4);
        final List<Process> flooding = new ArrayList<>();
        try (BufferedReader said = clients.inputReader()) {
            for (final String flood : floods) {
                flooding.add(hping(flood));
            }
            Said.assertNext("started", said, clients);
            while (ours.call(() -> ours.stack().counters().get(effect)) == 0) {
                assertTrue(flooding.stream().allMatch(Process::isAlive), "hping3 ended");
            }
            clients.outputWriter().append('\n').flush();
            Said.assertNext(CLIENTS + " 7", said, clients);
            assertTrue(flooding.stream().allMatch(Process::isAlive), "hping3 ended");
        } finally {
            for (final Process flood : flooding) {
                flood.destroyForcibly().waitFor();
            }
            clients.destroyForcibly();
        }
        assertEquals(CLIENTS, ours.call(listener::accepted));
        assertEquals(0, ours.call(() -> ours.stack().counters().get(StackCounter.NO_BUFFER)));
    }

    private static Process hping(String arguments) throws IOException {
        final List<String> command = new ArrayList<>(List.of("hping3", "-q"));
        command.addAll(Arrays.asList(arguments.split(" ")));
        command.add(OurHost.V4);
        return Netns.start(command.toArray(String[]::new));
    }
}
