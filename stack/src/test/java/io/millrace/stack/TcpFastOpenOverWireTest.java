package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exchanges that begin with the SYN, over a wire that loses and repeats, and under a flood of forged SYNs. */
class TcpFastOpenOverWireTest {
    private static final int EXCHANGES = 200;
    private static final int LIMIT = 16;
    private static final String KEY = "a0bf63f7-ed803d81-cd641d30-cebc4a90";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private static StackConfig config() {
        return StackConfig.defaults()
                .withTcp(TcpConfig.builder()
                        .bufferMemory(8 << 20)
                        .fastOpen(f -> f.withKeys(FastOpenKeys.parse(KEY))
                                .withPathPause(0)
                                .withBlackHolePause(0))
                        .build());
    }

    /** Echoes, and closes when the peer does. */
    private static final class Echo implements TcpHandler {
        private int connected;
        private int bytes;

        @Override
        public void onConnected(final TcpSocket<?> socket) {
            connected++;
        }

        @Override
        public void onReadable(final TcpSocket<?> socket) {
            while (socket.readable() > 0) {
                final int span = socket.readSpan();
                bytes += span;
                socket.send(socket.readMemory(), socket.readOffset(), span);
                socket.consume(span);
            }
            if (socket.finished()) {
                socket.close();
            }
        }
    }

    /** Sends a request with the SYN, and waits for all of it to come back. */
    private static final class Exchange implements TcpHandler {
        private final StringBuilder answer = new StringBuilder();
        private final TcpInfo info = new TcpInfo();
        private int length;

        @Override
        public void onReadable(final TcpSocket<?> socket) {
            final MemorySegment part = Arena.ofAuto().allocate(2_000);
            for (int n = socket.receive(part, 0, 2_000); n > 0; n = socket.receive(part, 0, 2_000)) {
                answer.append(new String(Frames.bytes(part, 0, n), StandardCharsets.US_ASCII));
            }
            socket.info(info);
            if (answer.length() == length) {
                socket.close();
            }
        }
    }

    private static Exchange begin(final Stack stack, final Endpoint<?> server, final String request) {
        final Exchange exchange = new Exchange();
        exchange.length = request.length();
        final TcpSocket<?> socket = stack.connect(server, exchange);
        socket.options().fastOpenConnect(true).linger(-1);
        socket.send(Frames.ofBytes(request.getBytes(StandardCharsets.US_ASCII)), 0, request.length());
        return exchange;
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.2:7, 0, 0",
        "[2001:db8::2]:7, 0, 0",
        "192.0.2.2:7, 0.1, 0",
        "[2001:db8::2]:7, 0.1, 0.1",
        "192.0.2.2:7, 0.05, 0.2",
    })
    @Origin("RFC 7413 2.1")
    void shouldAnswerEveryRequestOnceWhateverTheWireDoes(
            final String server, final double loss, final double duplication) {
        final WireConditions conditions =
                WireConditions.PERFECT.withLatency(5_000).withLoss(loss).withDuplication(duplication);
        try (TwoStacks stacks =
                new TwoStacks(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, conditions, config())) {
            final Echo echo = new Echo();
            final TcpListener<?> listener = stacks.b.listen(Endpoint.parse(server), 64, echo);
            listener.fastOpen().limit(64);
            int fast = 0;
            for (int i = 0; i < EXCHANGES; i++) {
                final String request = ("request " + i + " ").repeat(1 + i % 300);
                final Exchange exchange = begin(stacks.a, Endpoint.parse(server), request);
                final long began = stacks.clock.now();
                stacks.runUntil(() -> exchange.answer.length() == request.length(), 120);
                assertEquals(request, exchange.answer.toString());
                if (exchange.info.synData && loss == 0 && request.length() < 1_000) {
                    final long took = stacks.clock.now() - began;
                    assertTrue(took >= 10_000 && took < 11_000, "one round trip, not " + took);
                }
                fast += exchange.info.synData ? 1 : 0;
            }
            final int atLeast = loss == 0 ? EXCHANGES - 1 : EXCHANGES / 2;
            assertTrue(fast >= atLeast, fast + " requests went with their SYN");
            assertEquals(0, listener.fastOpen().overflows());
            stacks.runFor(300_000_000L);
            assertEquals(0, listener.fastOpen().pending());
            assertEquals(0, stacks.a.connections() + stacks.b.connections());
            assertEquals(
                    stacks.b.tcp().chunks().capacity(), stacks.b.tcp().chunks().available());
        }
    }

    /** A SYN with data from an address in the stacks' network, its checksum not looked at. */
    private static void syn(final TwoStacks stacks, final int source, final int port, final long cookie) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(256);
            final TcpRepr syn = new TcpRepr();
            syn.clear();
            syn.srcPort = port;
            syn.dstPort = 7;
            syn.seq = 1000;
            syn.flags = TcpView.SYN;
            syn.window = 8192;
            syn.mss = 1460;
            syn.fastOpen = 8;
            syn.cookieHi = cookie;
            syn.payloadLength = 100;
            final IpRepr ip = new IpRepr();
            ip.family = IpFamily.V4;
            ip.srcLo = 0xC000_0200L | source;
            ip.dstLo = Ipv4Address.parse(TwoStacks.B4).lo();
            ip.protocol = TcpView.PROTOCOL;
            ip.hopLimit = 64;
            ip.payloadLength = syn.headerLength() + 100;
            syn.emit(ip, memory, 0, memory, 100);
            stacks.b.tcp().receive(ip, memory, 0, 0, 0, ip.payloadLength, stacks.clock.now());
        }
    }

    private static int flows(final Stack stack) {
        final int[] count = new int[1];
        stack.tcp().forEachFlow((family, localHi, localLo, remoteHi, remoteLo, ports) -> count[0]++);
        return count[0];
    }

    @Test
    @Origin("RFC 7413 5.1")
    void shouldTellTheApplicationNothingOfForgedSynsAndServeOthers() {
        try (TwoStacks stacks =
                new TwoStacks(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, WireConditions.PERFECT, config())) {
            final Echo echo = new Echo();
            final TcpListener<Ipv4Address> listener =
                    stacks.b.listen(new Endpoint<>(Ipv4Address.parse(TwoStacks.B4), 7), 64, echo);
            listener.synBacklog(256);
            listener.fastOpen().limit(LIMIT);
            final Random random = new Random(1);
            for (int i = 0; i < 20_000; i++) {
                syn(stacks, 10 + random.nextInt(200), 1024 + random.nextInt(60_000), random.nextLong());
                if (i % 50 == 0) {
                    stacks.runFor(1_000);
                }
            }
            assertEquals(0, echo.connected);
            assertEquals(0, echo.bytes);
            assertEquals(0, listener.fastOpen().pending());
            assertTrue(flows(stacks.b) <= 256, "half-open connections");
            final Exchange exchange = begin(stacks.a, listener.local(), "hello");
            stacks.runUntil(() -> exchange.answer.length() == 5, 20);
            assertEquals("hello", exchange.answer.toString());
        }
    }

    @Test
    @Origin("RFC 7413 5.1")
    void shouldBearWhoeverHasACookieOfItsOwnAndAnswersNothing() {
        try (TwoStacks stacks =
                new TwoStacks(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, WireConditions.PERFECT, config())) {
            final Echo echo = new Echo();
            final TcpListener<Ipv4Address> listener =
                    stacks.b.listen(new Endpoint<>(Ipv4Address.parse(TwoStacks.B4), 7), 4_096, echo);
            listener.fastOpen().limit(LIMIT);
            final long cookie = FastOpenCookie.of(KEY, 0xC000_0233L, 0xC000_0202L);
            for (int i = 0; i < 1_000; i++) {
                syn(stacks, 0x33, 1024 + i, cookie);
                syn(stacks, 0x34, 1024 + i, cookie); // replayed from elsewhere
            }
            stacks.runFor(1_000);
            assertEquals(LIMIT, listener.fastOpen().pending());
            assertEquals(LIMIT, echo.connected);
            assertEquals(LIMIT * 100, echo.bytes);
            assertTrue(listener.fastOpen().overflows() >= 1_000 - LIMIT);
            stacks.runFor(120_000_000L);
            assertEquals(0, listener.fastOpen().pending(), "they are given up in time");
            assertEquals(0, stacks.b.connections());
        }
    }

    /** The cookie that Linux and we make of a key and two IPv4 addresses. */
    private static final class FastOpenCookie {
        private static long of(final String key, final long client, final long server) {
            final ByteBuffer bytes =
                    ByteBuffer.wrap(FastOpenKeys.parse(key).bytes()).order(ByteOrder.LITTLE_ENDIAN);
            final SipHash hash = new SipHash(bytes.getLong(), bytes.getLong());
            return Long.reverseBytes(hash.hash(Long.reverseBytes(client << 32 | server)));
        }
    }
}
