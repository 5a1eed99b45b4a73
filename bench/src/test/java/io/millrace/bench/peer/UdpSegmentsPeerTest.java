package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.stack.StackConfig;
import io.millrace.stack.socket.udp.UdpSegments;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Netns;
import io.millrace.testkit.Said;
import java.io.BufferedReader;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of datagrams from us to Linux, and what Linux sends by UDP_SEGMENT to us. */
@Tag("peers")
@Timeout(600)
final class UdpSegmentsPeerTest {
    private static final int SIZE = 1_000;
    private static final int ALL = 40_400;
    private static final int COUNT = 41;

    /** Takes our datagrams one by one, and sends as much back in one call. */
    private static final String PEER = """
        import socket, sys
        s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        s.setsockopt(socket.IPPROTO_UDP, 103, 1000)
        s.bind((sys.argv[1], 5003))
        s.settimeout(60)
        print("bound")
        lengths = []
        while sum(lengths) < 40400:
            data, peer = s.recvfrom(65536)
            lengths.append(len(data))
        print(len(lengths), max(lengths), lengths[-1], s.sendto(bytes(40400), peer))
        """;

    @ParameterizedTest
    @CsvSource({OurHost.V4 + ", " + OurHost.THEIR_V4, OurHost.V6 + ", " + OurHost.THEIR_V6})
    void shouldExchangeRunsOfDatagramsWithLinux(String ours, String theirs, @TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost us = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"))) {
                final Process linux = new ProcessBuilder("python3", "-u", "-c", PEER, theirs)
                        .redirectErrorStream(true)
                        .start();
                try (BufferedReader said = linux.inputReader()) {
                    Said.assertNext("bound", said, linux);
                    final MemorySegment bytes = Frames.ofBytes(new byte[ALL]);
                    final UdpSocket<IpAddress> socket = us.call(() -> {
                        final UdpSocket<IpAddress> bound = us.stack().bind(new Endpoint<>(IpAddress.parse(ours), 0));
                        bound.queueLimits(1_000, 1 << 20);
                        bound.connect(new Endpoint<>(IpAddress.parse(theirs), 5003));
                        return bound;
                    });
                    // Both are to know their neighbour, for whom only a few packets may wait.
                    Netns.run("ping", "-c", "1", "-W", "60", ours);
                    int sent = 0;
                    while (sent < ALL) {
                        final int from = sent;
                        sent += Math.max(0, us.call(() -> socket.sendSegments(bytes, from, ALL - from, SIZE)));
                    }
                    Said.assertNext(COUNT + " 1000 400 40400", said, linux);
                    receive(us, socket);
                } finally {
                    linux.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
                }
                us.finish().assertSound(OurHost.MAC);
            }
            return 0;
        });
    }

    private static void receive(OurHost us, UdpSocket<IpAddress> socket) throws Exception {
        final MemorySegment target = Frames.ofBytes(new byte[ALL]);
        final UdpSegments segments = new UdpSegments();
        int received = 0;
        int datagrams = 0;
        while (received < ALL) {
            final int count = us.call(() -> socket.receiveSegments(target, 0, ALL, segments));
            if (count >= 0) {
                received += count;
                datagrams += segments.count();
                assertEquals(SIZE, segments.count() == 1 ? SIZE : segments.size());
            }
        }
        assertEquals(ALL, received);
        assertEquals(COUNT, datagrams);
        assertTrue(us.call(() -> socket.readable() == 0));
    }
}
