package io.millrace.dataplane.port.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.linux.NetDevice;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.testkit.Await;
import io.millrace.testkit.Frames;
import io.millrace.testkit.LongPackets;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two packet sockets at the ends of a veth pair, with and without offloads of the kernel's. */
@Tag("peers")
final class PacketPortPeerTest {
    private static final int AF_PACKET = 17;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PAYLOAD = 14_000;
    private static final int SEGMENT = 1400;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(Await.SECONDS);
    private static final long PROBE = 50_000_000L;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(512, 2048);
    private final PoolCache cache = pools.cache(pool);
    private final long[] burst = new long[64];

    /** What happens between the two ends. */
    private interface Scene {
        void run(PacketPort near, PortQueue from, PacketPort far, PortQueue to);
    }

    private void play(final String offloads, final Scene scene) throws Exception {
        Netns.call(() -> {
            Netns.run("ip", "link", "add", "mr0", "type", "veth", "peer", "name", "mr1");
            for (final String end : List.of("mr0", "mr1")) {
                Netns.run("ip", "link", "set", end, "addrgenmode", "none");
                Netns.run("ethtool", "-K", end, "tx", offloads, "tso", offloads, "gso", offloads, "gro", "off");
                Netns.run("ip", "link", "set", end, "up");
            }
            awaitLink();
            try (PacketPort near = PacketPort.open("mr0", pool, true);
                    PacketPort far = PacketPort.open("mr1", pool, true)) {
                scene.run(near, near.queue(0, cache), far, far.queue(0, cache));
            }
            return null;
        });
    }

    /** Sends frames until one arrives: as long as the kernel is not ready, it loses them without an error. */
    private void awaitLink() {
        final long deadline = System.nanoTime() + PATIENCE;
        try (PacketPort near = PacketPort.open("mr0", pool, true);
                PacketPort far = PacketPort.open("mr1", pool, true)) {
            final PortQueue from = near.queue(0, cache);
            final PortQueue to = far.queue(0, cache);
            do {
                assertTrue(System.nanoTime() < deadline, "no frame gets from one end to the other");
                final long[] frame = {Frames.packet(cache, "020000000001 020000000002 88B5" + "00".repeat(46))};
                assertEquals(1, from.transmit(frame, 0, 1, 0));
            } while (receive(to, 1, PROBE).isEmpty());
        }
    }

    private List<byte[]> receive(final PortQueue from, final int wanted) {
        return receive(from, wanted, PATIENCE);
    }

    private List<byte[]> receive(final PortQueue from, final int wanted, final long patience) {
        final List<byte[]> packets = new ArrayList<>();
        final long deadline = System.nanoTime() + patience;
        while (packets.size() < wanted && System.nanoTime() < deadline) {
            final int count = from.receive(burst, burst.length, 0);
            for (int i = 0; i < count; i++) {
                packets.add(Frames.bytes(pool, burst[i]));
            }
            cache.free(burst, 0, count);
        }
        return packets;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHaveTheKernelCutALongSegmentWhenTheInterfaceCutsNone(final boolean v4) throws Exception {
        play("off", (near, from, far, to) -> {
            assertEquals(1, from.transmit(new long[] {LongPackets.create(cache, v4, PAYLOAD, SEGMENT)}, 0, 1, 0));
            final List<byte[]> packets = receive(to, 10);
            assertEquals(10, packets.size(), () -> near.stats() + ", " + far.stats());
            for (int i = 0; i < 10; i++) {
                assertEquals("", LongPackets.judge(packets.get(i), v4, i * SEGMENT, SEGMENT, i == 9));
            }
            assertEquals(1, near.stats().txPackets());
            assertEquals(0, near.stats().txErrors());
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCutALongSegmentThatTheKernelLeavesToADevice(final boolean v4) throws Exception {
        play("on", (near, from, far, to) -> {
            final long[] sent = {
                LongPackets.create(cache, v4, PAYLOAD, SEGMENT), LongPackets.create(cache, v4, 700, 600)
            };
            assertEquals(2, from.transmit(sent, 0, 2, 0));
            final List<byte[]> packets = new ArrayList<>();
            final long deadline = System.nanoTime() + PATIENCE;
            while (packets.size() < 12 && System.nanoTime() < deadline) {
                final int count = to.receive(burst, 3, 0); // fewer at once than there are
                for (int i = 0; i < count; i++) {
                    packets.add(Frames.bytes(pool, burst[i]));
                }
                cache.free(burst, 0, count);
            }
            assertEquals(12, packets.size(), () -> near.stats() + ", " + far.stats());
            for (int i = 0; i < 10; i++) {
                assertEquals("", LongPackets.judge(packets.get(i), v4, i * SEGMENT, SEGMENT, i == 9));
            }
            assertEquals("", LongPackets.judge(packets.get(10), v4, 0, 600, false));
            assertEquals("", LongPackets.judge(packets.get(11), v4, 600, 100, true));
            assertEquals(12, far.stats().rxPackets());
            assertEquals(0, far.stats().rxErrors());
        });
    }

    @Test
    void shouldGoOnWithALongSegmentWhenThereAreBuffersAgain() throws Exception {
        play("on", (near, from, far, to) -> {
            assertEquals(1, from.transmit(new long[] {LongPackets.create(cache, true, PAYLOAD, SEGMENT)}, 0, 1, 0));
            final long deadline = System.nanoTime() + PATIENCE;
            while (to.receive(burst, 1, 0) == 0 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            final long[] taken = new long[pool.capacity()];
            int count = 0;
            for (long handle = cache.allocate(); handle != PacketPool.NONE; handle = cache.allocate()) {
                taken[count++] = handle;
            }
            assertEquals(0, to.receive(burst, 64, 0));
            cache.free(taken, 0, count);
            assertEquals("", LongPackets.judge(Frames.bytes(pool, burst[0]), true, 0, SEGMENT, false));
            cache.free(burst[0]);
            assertEquals(9, to.receive(burst, 64, 0));
            for (int i = 0; i < 9; i++) {
                final byte[] frame = Frames.bytes(pool, burst[i]);
                assertEquals("", LongPackets.judge(frame, true, (i + 1) * SEGMENT, SEGMENT, i == 8));
            }
            cache.free(burst, 0, 9);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCompleteAChecksumThatTheKernelLeavesToADevice(final boolean v4) throws Exception {
        play("on", (near, from, far, to) -> {
            final long handle = LongPackets.create(cache, v4, 500, SEGMENT);
            final long plain = BufferHeader.offloadFlags(pool.memory(), handle) & ~OffloadFlags.TX_SEGMENT;
            BufferHeader.offloadFlags(pool.memory(), handle, plain);
            final long tcp = pool.dataOffset(handle) + LongPackets.headers(v4) - 20;
            Net.put16(pool.memory(), tcp + 16, pseudoHeader(v4, 520));
            assertEquals(1, from.transmit(new long[] {handle}, 0, 1, 0));
            final List<byte[]> packets = receive(to, 1);
            assertEquals(1, packets.size(), () -> near.stats() + ", " + far.stats());
            // The checksum of IPv4 is not the device's: it is left as it was made, empty.
            final String wrong = v4 ? "checksum of the IP header; " : "";
            assertEquals(wrong, LongPackets.judge(packets.getFirst(), v4, 0, 500, true));
        });
    }

    /** Of the addresses that {@link LongPackets} has. */
    private static int pseudoHeader(final boolean v4, final int length) {
        final int sum = v4 ? 2 * 0xC000 + 0x0201 + 0x0202 : 2 * (0x2001 + 0x0DB8) + 1;
        final int all = sum + 6 + length;
        return (all & 0xFFFF) + (all >>> 16);
    }

    /** What the kernel makes of UDP_SEGMENT; older ones than 6.2 cut it themselves. */
    @Test
    void shouldCutDatagramsThatTheKernelLeavesToADevice() throws Exception {
        play("on", (near, from, far, to) -> {
            try (Arena arena = Arena.ofConfined()) {
                final MemorySegment errno = arena.allocate(Linux.ERRNO);
                final int fd = Linux.socket(errno, AF_PACKET, Linux.SOCK_RAW);
                final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
                final MemorySegment address = arena.allocate(20, Integer.BYTES);
                address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
                address.set(ValueLayout.JAVA_INT, 4, new NetDevice("mr0").index());
                final MemorySegment frame = arena.allocate(10 + 14 + 20 + 8 + 3000);
                // flags, kind, bytes of all headers, of a segment, where the sum begins, where its checksum is
                final int[] header = {1 | 5 << 8, 42, 1400, 34, 6};
                for (int i = 0; i < header.length; i++) {
                    frame.set(ValueLayout.JAVA_SHORT, 2L * i, (short) header[i]);
                }
                final MemorySegment packet = frame.asSlice(10);
                Net.put16(packet, 12, 0x0800);
                Net.put32(packet, 14, 0x4500_0000 | 28 + 3000);
                Net.put32(packet, 22, 0x4011_0000);
                Net.put32(packet, 26, 0xC000_0201);
                Net.put32(packet, 30, 0xC000_0202);
                Net.put16(packet, 24, InternetChecksum.finish(InternetChecksum.partial(packet, 14, 20)));
                Net.put32(packet, 34, 0x1388_0035);
                Net.put16(packet, 38, 8 + 3000);
                final long sum = InternetChecksum.pseudoHeader(packet, 14, 17, 8 + 3000);
                Net.put16(packet, 40, InternetChecksum.fold(sum));
                assertEquals(0, Linux.setsockopt(errno, fd, SOL_PACKET, PACKET_VNET_HDR, one));
                assertEquals(0, Linux.bind(errno, fd, address, 20));
                assumeTrue(Linux.write(errno, fd, frame.address(), frame.byteSize()) > 0, "the kernel knows none");
                Linux.close(fd);
            }
            final List<byte[]> packets = receive(to, 3);
            assertEquals(3, packets.size(), () -> far.stats().toString());
            assertEquals(
                    List.of(1442, 1442, 242),
                    packets.stream().map(frame -> frame.length).toList());
            assertEquals(0, far.stats().rxErrors());
        });
    }

    @Test
    void shouldNotReceiveFramesWithTags() throws Exception {
        play("off", (near, from, far, to) -> {
            final String addresses = "020000000001 020000000002";
            final long[] frames = {
                Frames.packet(cache, addresses + "8100 0005 88B5" + "00".repeat(46)),
                Frames.packet(cache, addresses + "88B5" + "11".repeat(46)),
            };
            assertEquals(2, from.transmit(frames, 0, 2, 0));
            final List<byte[]> packets = receive(to, 1);
            assertEquals(1, packets.size());
            assertEquals(0x11, packets.getFirst()[20]);
        });
    }

    @Test
    void shouldSayInOneLineWhatIsWrong() throws Exception {
        Netns.call(() -> {
            final PortException none = assertThrows(PortException.class, () -> PacketPort.open("mr9", pool, true));
            assertEquals("there is no interface 'mr9'; see: ip link", none.getMessage());
            final PortException large = assertThrows(PortException.class, () -> PacketPort.open("lo", pool, true));
            assertTrue(large.toString().contains("lower it: ip link set lo mtu 2026"), large.toString());
            return null;
        });
    }
}
