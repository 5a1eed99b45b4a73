package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.offload.SoftwareOffload;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortOffloads;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.Segmentation;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.testkit.Allocations;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That established connections allocate nothing, whether segments arrive or are lost, measured by the JVM itself. */
class TcpAllocationTest {
    private static final int POLLS = 20_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({
        "bulk, 192.0.2.2:9, 0",
        "bulk, [2001:db8::2]:9, 0",
        "bulk, 192.0.2.2:9, 100",
        "cut, 192.0.2.2:9, 0",
        "cut, [2001:db8::2]:9, 0",
        "timed, 192.0.2.2:9, 100",
        "timed-cut, [2001:db8::2]:9, 0",
        "pingpong, 192.0.2.2:9, 0",
        "ecn, 192.0.2.2:9, 100",
        "ecn-cut, [2001:db8::2]:9, 0",
        "udp, 192.0.2.2:9, 100",
        "udp, [2001:db8::2]:9, 0",
        "md5, 192.0.2.2:9, 100",
        "md5, [2001:db8::2]:9, 0",
        "HMAC_SHA_1_96, 192.0.2.2:9, 100",
        "AES_128_CMAC_96, [2001:db8::2]:9, 0"
    })
    void shouldAllocateNothingPerSegment(final String what, final String remote, final int loseEvery) {
        final PoolCache cache = pools.cache(2048);
        final boolean cuts = what.endsWith("cut");
        final boolean timed = what.startsWith("timed");
        final boolean bulk = !what.equals("pingpong");
        final Lane forth = new Lane(cache, loseEvery);
        final Lane back = new Lane(cache, 0);
        final StackConfig config = StackConfig.defaults()
                .withEntropy(Entropy.seeded(9))
                .withTcp(TcpConfig.builder()
                        .udpEncapsulation(9899)
                        .ecn(what.startsWith("ecn") ? EcnMode.REQUEST_ACCURATE : EcnMode.ACCEPT)
                        .build());
        try (Stack a = Stack.create(config, cache);
                Stack b = Stack.create(config, cache)) {
            a.addInterface(
                    InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64").withDuplicateDetection(DuplicateDetection.OFF),
                    info(1, cuts),
                    new End(forth, back));
            b.addInterface(
                    InterfaceConfig.of("192.0.2.2/24", "2001:db8::2/64").withDuplicateDetection(DuplicateDetection.OFF),
                    info(2, cuts),
                    new End(back, forth));
            final Sink sink = new Sink();
            final Endpoint<?> end = Endpoint.parse(remote);
            final TcpListener<?> listener = b.listen(end, 1, bulk ? sink : new PingPong());
            final PingPong ping = new PingPong();
            final Source source = new Source();
            final TcpSocket<?> socket = a.connect(end, bulk ? source : ping);
            if (timed) {
                listener.options().times().receives(true);
                socket.options().times().stages(SendStage.ALL).acknowledgments(true);
            }
            if (what.endsWith("_96")) {
                final AoAlgorithm algorithm = AoAlgorithm.valueOf(what);
                for (final String peers : new String[] {"0.0.0.0/0", "::/0"}) {
                    listener.options().keys().set(new AoKey(Cidr.parse(peers), algorithm, new byte[] {1}, 1, 2));
                    socket.options().keys().set(new AoKey(Cidr.parse(peers), algorithm, new byte[] {1}, 2, 1));
                }
            }
            if (what.equals("udp")) {
                socket.options().opening().remoteUdpPort(9899);
            }
            if (what.equals("md5")) {
                for (final String peers : new String[] {"0.0.0.0/0", "::/0"}) {
                    listener.options().keys().set(new Md5Key(Cidr.parse(peers), new byte[] {1}));
                    socket.options().keys().set(new Md5Key(Cidr.parse(peers), new byte[] {1}));
                }
            }
            final long least = Allocations.least(0, run(a, b, 1_000_000), now -> run(a, b, now));
            assertEquals(0, least, "bytes allocated in " + POLLS + " polls");
            if (bulk) {
                assertTrue(sink.bytes > 1 << 20, "received " + sink.bytes);
                assertEquals(loseEvery > 0, a.counters().get(StackCounter.TCP_RETRANSMITS) > 0);
                assertEquals(what.startsWith("ecn"), socket.info(new TcpInfo()).accurateEcnOption);
                assertEquals(timed, source.stages > 0 && source.acknowledged > 0);
                assertEquals(what.equals("udp"), a.counters().get(StackCounter.TCP_ENCAPSULATED) > 0);
                assertEquals(cuts, a.counters().get(StackCounter.TCP_SEGMENTS_LEFT_TO_DEVICE) > 0);
            } else {
                assertTrue(ping.rounds > POLLS / 4, "rounds " + ping.rounds);
            }
        } finally {
            forth.free();
            back.free();
        }
    }

    private static PortInfo info(final int number, final boolean cuts) {
        final PortOffloads offloads = cuts ? new PortOffloads(false, true, Segmentation.ALL) : PortOffloads.NONE;
        return new PortInfo("lane", "test", Medium.ETHERNET, 0x0200_0000_0000L + number, 1500, 1, offloads);
    }

    /** Polls for less virtual time than a neighbour stays reachable. */
    private static long run(final Stack a, final Stack b, final long from) {
        long now = from;
        for (int i = 0; i < POLLS; i++) {
            a.poll(now);
            b.poll(now);
            now += 20;
        }
        return now;
    }

    private static final class Source implements TcpHandler {
        private int stages;
        private long acknowledged;

        @Override
        public void onSendStage(
                final TcpSocket<?> socket, final SendStage stage, final long position, final long micros) {
            stages++;
        }

        @Override
        public void onAcknowledged(final TcpSocket<?> socket, final long bytes) {
            acknowledged = bytes;
        }

        @Override
        public void onConnected(final TcpSocket<?> socket) {
            onWritable(socket);
        }

        @Override
        public void onWritable(final TcpSocket<?> socket) {
            for (int span = socket.writeSpan(); span > 0; span = socket.writeSpan()) {
                socket.commit(span);
            }
        }
    }

    private static final class Sink implements TcpHandler {
        private long bytes;

        @Override
        public void onReadable(final TcpSocket<?> socket) {
            bytes += socket.readable();
            socket.consume(socket.readable());
        }
    }

    /** Both ends: 64 bytes there, 64 bytes back. */
    private static final class PingPong implements TcpHandler {
        private int rounds;

        @Override
        public void onConnected(final TcpSocket<?> socket) {
            if (socket.remote().port() == 9) {
                socket.writeSpan();
                socket.commit(64);
            }
        }

        @Override
        public void onReadable(final TcpSocket<?> socket) {
            final int readable = socket.readable();
            rounds++;
            socket.consume(readable);
            socket.writeSpan();
            socket.commit(readable);
        }
    }

    private record End(Lane out, Lane in) implements PortQueue {
        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return in.take(handles, max);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            for (int i = 0; i < count; i++) {
                out.put(handles[from + i]);
            }
            return count;
        }
    }

    /** One direction of a cable, behind a device that does what packets leave to it; loses every so many packets. */
    private static final class Lane {
        private final PoolCache cache;
        private final SoftwareOffload device;
        private final int loseEvery;
        private final long[] ring = new long[4096];
        private int head;
        private int tail;
        private int seen;

        Lane(final PoolCache cache, final int loseEvery) {
            this.cache = cache;
            this.device = new SoftwareOffload(cache);
            this.loseEvery = loseEvery;
        }

        void put(final long handle) {
            if (!device.isLong(handle)) {
                device.complete(handle);
                putShort(handle);
                return;
            }
            final int segments = device.packets(handle);
            for (int i = 0; i < segments; i++) {
                final long segment = device.finished(handle, i);
                if (segment != PacketPool.NONE) {
                    putShort(segment);
                }
            }
            cache.free(handle);
        }

        private void putShort(final long handle) {
            if (loseEvery > 0 && ++seen % loseEvery == 0) {
                cache.free(handle);
            } else {
                ring[tail++ & 4095] = handle;
            }
        }

        int take(final long[] handles, final int max) {
            final int count = Math.min(max, tail - head);
            for (int i = 0; i < count; i++) {
                handles[i] = ring[head++ & 4095];
            }
            return count;
        }

        void free() {
            while (head != tail) {
                cache.free(ring[head++ & 4095]);
            }
        }
    }
}
