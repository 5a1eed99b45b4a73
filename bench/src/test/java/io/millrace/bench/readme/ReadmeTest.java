package io.millrace.bench.readme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.client.ClientConfig;
import io.millrace.stack.client.ClientService;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The README's Java is the code of {@link Snippets}, and that works. */
final class ReadmeTest {
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldShowOnlyCodeThatIsCompiled() throws IOException {
        final String snippets = flat(
                Files.readString(Path.of("src", "test", "java", "io", "millrace", "bench", "readme", "Snippets.java")));
        final List<String> blocks = JAVA.matcher(Files.readString(Path.of("..", "README.md")))
                .results()
                .map(block -> flat(block.group(1)))
                .toList();
        assertEquals(3, blocks.size(), "Java blocks in the README");
        blocks.forEach(block -> assertTrue(snippets.contains(block), block));
    }

    @Test
    void shouldEchoFrames() {
        final PoolCache near = pools.cache(64);
        final PoolCache far = pools.cache(64);
        try (SimulatedWire wire = wire(near, far)) {
            final PortQueue queue = wire.a().queue(0, near);
            final PortQueue peer = wire.b().queue(0, far);
            final long[] burst = new long[32];
            burst[0] = Frames.packet(far, "020000000001 020000000002 88b5 cafe");
            assertEquals(1, peer.transmit(burst, 0, 1, 0));
            Snippets.echoPackets(queue, near, new Packet(near.pool()), burst, 0);
            assertEquals(1, peer.receive(burst, 32, 0));
            assertEquals("02000000000202000000000188b5cafe", Frames.hex(far.pool(), burst[0]));
            far.free(burst[0]);
        }
    }

    @Test
    void shouldServeTcp() {
        final PoolCache serverCache = pools.cache(256);
        final PoolCache clientCache = pools.cache(256);
        final MemorySegment answer = Frames.ofBytes(new byte[5]);
        try (SimulatedWire wire = wire(serverCache, clientCache);
                Stack server = Snippets.serveTcp(wire.a(), serverCache);
                Stack client = Stack.create(StackConfig.defaults(), clientCache)) {
            client.addInterface(
                    InterfaceConfig.of("192.0.2.1/24"),
                    wire.b().info(),
                    wire.b().queue(0, clientCache));
            final TcpSocket<Ipv4Address> socket =
                    client.connect(new Endpoint<>(Ipv4Address.parse("192.0.2.2"), 7), new TcpHandler() {
                        @Override
                        public void onConnected(final TcpSocket<?> connected) {
                            connected.send(Frames.ofHex("68656c6c6f"), 0, 5);
                        }
                    });
            for (long now = 0; socket.readable() < 5 && now < 5_000_000; now += 100) {
                server.poll(now);
                client.poll(now);
            }
            assertEquals(5, socket.receive(answer, 0, 5));
            assertEquals("68656c6c6f", Frames.hex(answer, 0, 5));
        }
    }

    @Test
    @Timeout(300)
    void shouldLetAnotherThreadAsk() throws Exception {
        final PoolCache cache = pools.cache(256);
        final byte[] request = "hello".getBytes(StandardCharsets.US_ASCII);
        try (LoopbackPort port = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 128);
                Stack stack = Snippets.serveTcp(port, cache)) {
            final ClientService service = ClientService.of(stack, ClientConfig.defaults());
            final FutureTask<byte[]> answer = new FutureTask<>(
                    () -> Snippets.ask(service, new Endpoint<>(Ipv4Address.parse("192.0.2.2"), 7), request));
            Thread.ofVirtual().start(answer);
            for (long now = 0; !answer.isDone(); now += 100) {
                service.poll();
                stack.poll(now);
            }
            assertArrayEquals(request, answer.get());
            service.close();
        }
    }

    private static SimulatedWire wire(final PoolCache a, final PoolCache b) {
        return SimulatedWire.ethernet(a.pool(), b.pool(), WireConditions.PERFECT, 1);
    }

    private static String flat(final String code) {
        return code.replaceAll("\\s+", " ").strip();
    }
}
