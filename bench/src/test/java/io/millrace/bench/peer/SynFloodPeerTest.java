package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.serve.service.EchoService;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.route.Route;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Netns;
import java.io.BufferedReader;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** hping3 floods a listener with SYNs of nobody while clients that mean it come and go. */
@Tag("peers")
@Timeout(120)
final class SynFloodPeerTest {
    private static final int PORT = 7;
    private static final int CLIENTS = 50;

    /**
     * One client after the other says something and hears it back. Prints how many did, and {@code tcpi_options} of all: 7
     * is timestamps, SACK and window scaling.
     */
    private static final String CLIENT_SCRIPT = """
            import os, socket, sys
            print("started", flush=True)
            sys.stdin.readline()
            options = 255
            for i in range(%d):
                s = socket.create_connection((sys.argv[1], %d), timeout=30)
                s.settimeout(30)
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

    @Test
    void shouldServeClientsWithCookiesWhenHpingFloods(@TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost ours =
                    OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("all.pcap"))) {
                final TcpListener<Ipv4Address> listener = ours.call(() -> {
                    ours.stack().addRoute(Route.via(Cidr.parse("0.0.0.0/0"), Ipv4Address.parse(OurHost.THEIR_V4), 0));
                    return ours.stack()
                            .listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), 64, new EchoService().handler());
                });
                final Process clients = Netns.start("python3", "-c", CLIENT_SCRIPT, OurHost.V4);
                // From addresses of all the world, 20,000 a second, for as long as the clients take.
                final Process flood =
                        Netns.start("hping3", "-q", "-S", "-i", "u50", "--rand-source", "-p", "" + PORT, OurHost.V4);
                try (BufferedReader said = clients.inputReader()) {
                    assertEquals("started", said.readLine());
                    while (ours.call(listener::cookiesSent) == 0) {
                        assertTrue(flood.isAlive(), "hping3 ended");
                        Thread.onSpinWait();
                    }
                    clients.outputWriter().append('\n').flush();
                    assertEquals(CLIENTS + " 7", said.readLine());
                    assertTrue(flood.isAlive(), "hping3 ended");
                } finally {
                    flood.destroyForcibly().waitFor();
                    clients.destroyForcibly();
                }
                final long fromCookies = ours.call(listener::cookiesAccepted);
                assertTrue(fromCookies > 0 && fromCookies <= CLIENTS, fromCookies + " connections from cookies");
                assertEquals(CLIENTS, ours.call(listener::accepted));
                assertEquals(0, ours.call(() -> ours.stack().counters().get(StackCounter.NO_BUFFER)));
                ours.finish().assertSound(OurHost.MAC);
            }
            return 0;
        });
    }
}
