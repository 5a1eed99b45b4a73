package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TCP through whole stacks: that the layers fit together; what TCP itself does is tested where TCP is. */
class TcpOverWireTest {
    private static final MemorySegment HELLO = Frames.ofBytes(new byte[] {'h', 'e', 'l', 'l', 'o'});

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({
        "ETHERNET, " + TwoStacks.B4,
        "ETHERNET, " + TwoStacks.B6,
        "ETHERNET, fe80::ff:fe00:b",
        "IP, " + TwoStacks.B4,
        "IP, " + TwoStacks.B6,
        "ETHERNET, " + TwoStacks.A4,
        "ETHERNET, " + TwoStacks.A6
    })
    void shouldEchoOverEveryMediumAndFamily(final Medium medium, final String target) {
        try (TwoStacks net =
                new TwoStacks(pools, medium, 1500, WireConditions.PERFECT.withLatency(50), StackConfig.defaults())) {
            final IpAddress remote = IpAddress.parse(target);
            final Endpoint<IpAddress> any = new Endpoint<>(IpAddress.of(remote.family(), 0, 0), 7);
            net.a.listen(any, 8, new Echo());
            net.b.listen(any, 8, new Echo());
            final AtomicInteger received = new AtomicInteger();
            final AtomicInteger closed = new AtomicInteger();
            net.a.connect(new Endpoint<>(remote, 7), new TcpHandler() {
                @Override
                public void onConnected(final TcpSocket<?> socket) {
                    assertEquals(5, socket.send(HELLO, 0, 5));
                }

                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    received.addAndGet(socket.readable());
                    socket.consume(socket.readable());
                    if (received.get() == 5) {
                        socket.close();
                    }
                }

                @Override
                public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
                    closed.incrementAndGet();
                }
            });
            net.runUntil(() -> received.get() == 5, 2);
            net.runUntil(() -> net.a.connections() + net.b.connections() == 0, 10);
            assertEquals(0, net.a.counters().drops());
            assertEquals(0, net.b.counters().drops());
        }
    }

    /** smoltcp ends it when it next sends; ours ends at once, and as silently. */
    @ParameterizedTest
    @CsvSource({TwoStacks.A4 + "," + TwoStacks.B4, TwoStacks.A6 + "," + TwoStacks.B6})
    @Origin("smoltcp:socket::tcp::test_established_close_on_src_ip_change")
    void shouldEndInSilenceWhenTheAddressIsRemoved(final String ours, final String theirs) {
        try (TwoStacks net = new TwoStacks(pools, WireConditions.PERFECT)) {
            final IpAddress address = IpAddress.parse(ours);
            final IpAddress remote = IpAddress.parse(theirs);
            net.b.listen(new Endpoint<>(remote, 7), 8, new Echo());
            final List<CloseReason> reasons = new ArrayList<>();
            final TcpSocket<IpAddress> socket = net.a.connect(new Endpoint<>(remote, 7), new TcpHandler() {
                @Override
                public void onClosed(final TcpSocket<?> closed, final CloseReason why) {
                    reasons.add(why);
                }
            });
            net.runUntil(() -> socket.state() == TcpState.ESTABLISHED && net.b.connections() == 1, 1);
            final long sent = net.a.counters().get(StackCounter.TCP_SEGMENTS_SENT);
            assertTrue(net.interfaceA.removeAddress(address));
            assertEquals(-1, socket.send(HELLO, 0, 5));
            net.runFor(5_000_000);
            assertEquals(List.of(CloseReason.UNREACHABLE), reasons);
            assertEquals(TcpState.CLOSED, socket.state());
            assertEquals(sent, net.a.counters().get(StackCounter.TCP_SEGMENTS_SENT));
            assertEquals(1, net.b.connections(), "the peer is told nothing");
        }
    }

    private static final class Echo implements TcpHandler {
        @Override
        public void onReadable(final TcpSocket<?> socket) {
            final int count = socket.readSpan();
            if (count > 0) {
                assertEquals(count, socket.send(socket.readMemory(), socket.readOffset(), count));
                socket.consume(count);
            }
            if (socket.finished()) {
                socket.close();
            }
        }
    }
}
