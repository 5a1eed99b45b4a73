package io.millrace.stack;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.SavedSyn;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers of SYNs that a listener keeps. */
class SavedSynTest {
    private static final int PORT = 7;
    private static final int TCP = 6;
    private static final int SYN = 2;

    /** TTL or hop limit in the IP header, and the protocol or next header. */
    private static final int HOPS_V4 = 8;

    private static final int PROTOCOL_V4 = 9;
    private static final int PROTOCOL_V6 = 6;
    private static final int HOPS_V6 = 7;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private static final TcpHandler NOTHING = new TcpHandler() {};

    private static TcpSocket<?> accept(final TwoStacks net, final String to, final SavedSyn what) {
        final Endpoint<?> at = Endpoint.parse(to);
        final TcpListener<?> listener = net.b.listen(at, 4, null);
        listener.saveSyn(what);
        net.a.connect(at, NOTHING).options().hopLimit(77).maxSegment(777);
        net.runUntil(() -> listener.waiting() == 1, 5);
        return requireNonNull(listener.accept(NOTHING));
    }

    @ParameterizedTest
    @CsvSource({
        "ETHERNET, 192.0.2.2:7, HEADERS, 0, 20",
        "ETHERNET, [2001:db8::2]:7, HEADERS, 0, 40",
        "ETHERNET, 192.0.2.2:7, LINK_AND_HEADERS, 14, 20",
        "ETHERNET, [2001:db8::2]:7, LINK_AND_HEADERS, 14, 40",
        "IP, 192.0.2.2:7, LINK_AND_HEADERS, 0, 20",
        "IP, [2001:db8::2]:7, HEADERS, 0, 40",
    })
    void shouldGiveTheHeadersOfTheSynOnce(
            final Medium medium, final String to, final SavedSyn what, final int link, final int ip) {
        try (TwoStacks net = new TwoStacks(
                pools, medium, SimulatedWire.ETHERNET_MTU, WireConditions.PERFECT, StackConfig.defaults())) {
            final TcpSocket<?> socket = accept(net, to, what);
            final int length = socket.synLength();
            final byte[] syn = requireNonNull(socket.takeSyn());
            assertEquals(length, syn.length);
            assertEquals(ip == 20 ? 0x45 : 0x60, syn[link] & 0xFF);
            assertEquals(77, syn[link + (ip == 20 ? HOPS_V4 : HOPS_V6)]);
            assertEquals(TCP, syn[link + (ip == 20 ? PROTOCOL_V4 : PROTOCOL_V6)]);
            final int tcp = link + ip;
            assertEquals(PORT, (syn[tcp + 2] << Byte.SIZE) | syn[tcp + 3]);
            assertEquals(syn.length - tcp, ((syn[tcp + 12] >> 4) & 0xF) * Integer.BYTES);
            assertEquals(SYN, syn[tcp + 13]);
            assertEquals(2, syn[tcp + 20]); // the first option is the MSS
            assertEquals(777, ((syn[tcp + 22] & 0xFF) << Byte.SIZE) | (syn[tcp + 23] & 0xFF));
            assertNull(socket.takeSyn());
            assertEquals(0, socket.synLength());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2:7", "[2001:db8::2]:7"})
    void shouldKeepNothingUnlessTold(final String to) {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            final TcpSocket<?> socket = accept(net, to, SavedSyn.NONE);
            assertEquals(0, socket.synLength());
            assertNull(socket.takeSyn());
        }
    }
}
