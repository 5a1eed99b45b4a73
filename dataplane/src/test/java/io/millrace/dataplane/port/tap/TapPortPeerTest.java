package io.millrace.dataplane.port.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.linux.NetDevice;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.testkit.Allocations;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import io.millrace.testkit.PoolWatch;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TAP and TUN with Linux as the peer, in namespaces of their own. */
@Tag("peers")
@Timeout(600)
final class TapPortPeerTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @TempDir
    private Path folder;

    private final PoolCache cache = pools.cache(64);
    private final long[] burst = new long[32];

    /** Answers echo requests, over IPv4 and IPv6, until {@code ping} has ended; returns how many. */
    private int answer(final PortQueue queue, final int linkHeader, final Process ping) {
        final Packet packet = new Packet(cache.pool());
        int answered = 0;
        while (ping.isAlive()) {
            final int received = queue.receive(burst, burst.length, 0);
            for (int i = 0; i < received; i++) {
                packet.wrap(burst[i]);
                if (toReply(packet, linkHeader) && queue.transmit(burst, i, 1, 0) == 1) {
                    answered++;
                } else {
                    cache.free(burst[i]);
                }
            }
        }
        return answered;
    }

    /** Turns an echo request into its reply: addresses change places, which no checksum notices, and so does the type. */
    private static boolean toReply(final Packet packet, final int ip) {
        if (packet.length() < ip + 28) {
            return false;
        }
        final boolean v6 = packet.u8(ip) >>> 4 == 6;
        final int address = ip + (v6 ? 8 : 12);
        final int size = v6 ? 16 : 4;
        final int icmp = ip + (v6 ? 40 : 20);
        final boolean icmpProtocol = v6 ? packet.u8(ip + 6) == 58 : packet.u8(ip + 9) == 1;
        final int request = v6 ? 128 : 8;
        if (!icmpProtocol || packet.length() < icmp + 8 || packet.u8(icmp) != request) {
            return false;
        }
        for (int i = 0; i < size; i += 4) {
            final int source = packet.i32(address + i);
            packet.put32(address + i, packet.i32(address + size + i));
            packet.put32(address + size + i, source);
        }
        if (ip > 0) {
            final long destination = packet.u48(0);
            packet.put48(0, packet.u48(6));
            packet.put48(6, destination);
        }
        final int before = packet.u16(icmp);
        packet.put8(icmp, v6 ? 129 : 0);
        packet.put16(icmp + 2, InternetChecksum.update16(packet.u16(icmp + 2), before, packet.u16(icmp)));
        return true;
    }

    private static String mac(final long address) {
        return "%012x".formatted(address).replaceAll("(..)(?!$)", "$1:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.9.0.1/24 10.9.0.2", "fd09::1/64 fd09::2"})
    void shouldCarryPingsOverTap(final String addresses) throws Exception {
        final String peer = addresses.substring(0, addresses.indexOf(' '));
        final String own = addresses.substring(addresses.indexOf(' ') + 1);
        Netns.call(() -> {
            try (Port port = TapPort.open("mr0", Medium.ETHERNET, cache.pool(), 1)) {
                Netns.run("ip", "addr", "add", peer, "dev", "mr0", "nodad");
                assertTrue(port.linkUp());
                assertEquals(1500, port.info().mtu());
                assertNotEquals(new NetDevice("mr0").macAddress(), port.info().macAddress());
                Netns.run("ip", "neigh", "add", own, "lladdr", mac(port.info().macAddress()), "dev", "mr0");
                try (PacketCapture capture = PacketCapture.start("mr0", folder.resolve("tap.pcap"))) {
                    final Process ping =
                            Netns.start("ping", "-n", "-c", "3", "-l", "3", "-i", "60", "-W", "60", "-s", "1400", own);
                    final int answered = answer(port.queue(0, cache), 14, ping);
                    assertEquals(0, ping.waitFor(), () -> "ping failed; " + port.stats());
                    assertEquals(3, answered);
                    assertEquals(3, port.stats().txPackets());
                    capture.assertSound(mac(port.info().macAddress()));
                }
            }
            return null;
        });
    }

    @Test
    void shouldCarryPingsOverTun() throws Exception {
        Netns.call(() -> {
            try (Port port = TapPort.open("mr0", Medium.IP, cache.pool(), 1)) {
                assertEquals(0, port.info().macAddress());
                Netns.run("ip", "addr", "add", "10.9.0.1/24", "dev", "mr0");
                try (PacketCapture capture = PacketCapture.start("mr0", folder.resolve("tun.pcap"))) {
                    final Process ping =
                            Netns.start("ping", "-n", "-c", "2", "-l", "2", "-i", "60", "-W", "60", "10.9.0.2");
                    assertEquals(2, answer(port.queue(0, cache), 0, ping));
                    assertEquals(0, ping.waitFor());
                    capture.assertSoundWhere("ip.src == 10.9.0.2");
                }
            }
            assertFalse(new NetDevice("mr0").exists(), "the interface vanishes with its port");
            return null;
        });
    }

    @Test
    void shouldAttachToAnInterfaceOfManyQueuesWithOneOrMany() throws Exception {
        Netns.call(() -> {
            Netns.run("ip", "tuntap", "add", "dev", "mr0", "mode", "tap", "multi_queue");
            Netns.run("ip", "link", "set", "mr0", "up", "mtu", "1400");
            for (int queues = 1; queues <= 2; queues++) {
                try (Port port = TapPort.open("mr0", Medium.ETHERNET, cache.pool(), queues)) {
                    assertEquals(queues, port.info().queues());
                    assertEquals(1400, port.info().mtu());
                    for (int i = 0; i < queues; i++) {
                        assertNotNull(port.queue(i, cache));
                    }
                }
            }
            assertTrue(new NetDevice("mr0").exists(), "an interface that was there stays");
            return null;
        });
    }

    @Test
    void shouldSayWhatIsWrongAndHowToMendIt() throws Exception {
        Netns.call(() -> {
            Netns.run("ip", "tuntap", "add", "dev", "mr0", "mode", "tap");
            try (Port port = TapPort.open("mr0", Medium.ETHERNET, cache.pool(), 1)) {
                assertSays("in use by another program", "mr0", Medium.ETHERNET, 1);
                assertTrue(port.stats().rxPackets() == 0);
            }
            assertSays("exists and is no TUN interface", "mr0", Medium.IP, 1);
            assertSays("multi_queue", "mr0", Medium.ETHERNET, 2);
            Netns.run("ip", "link", "set", "mr0", "mtu", "9000");
            assertSays("ip link set mr0 mtu 1500", "mr0", Medium.ETHERNET, 1);
            return null;
        });
    }

    private void assertSays(final String words, final String name, final Medium medium, final int queues) {
        final PortException e =
                assertThrows(PortException.class, () -> TapPort.open(name, medium, cache.pool(), queues));
        assertTrue(e.toString().contains(words), e.toString());
    }

    @Test
    void shouldCountPacketsThatTheKernelRefuses() throws Exception {
        Netns.call(() -> {
            Netns.run("ip", "tuntap", "add", "dev", "mr0", "mode", "tap");
            try (Port port = TapPort.open("mr0", Medium.ETHERNET, cache.pool(), 1)) {
                final PortQueue queue = port.queue(0, cache);
                assertFalse(port.linkUp());
                burst[0] = cache.allocate();
                new Packet(cache.pool()).wrap(burst[0]).length(60);
                assertEquals(1, queue.transmit(burst, 0, 1, 0));
                assertEquals(1, port.stats().txErrors());
            }
            return null;
        });
    }

    @Test
    void shouldAllocateNothingWhilePolling() throws Exception {
        Netns.call(() -> {
            try (Port port = TapPort.open("mr0", Medium.IP, cache.pool(), 1)) {
                final PortQueue queue = port.queue(0, cache);
                final Packet packet = new Packet(cache.pool());
                final long allocated = Allocations.least(999, () -> {
                    for (int i = 0; i < 5000; i++) {
                        cache.free(burst, 0, queue.receive(burst, burst.length, 0));
                        burst[0] = cache.allocate();
                        packet.wrap(burst[0]).length(20).put8(0, 0x45);
                        if (queue.transmit(burst, 0, 1, 0) == 0) {
                            cache.free(burst[0]);
                        }
                    }
                });
                // Reading the bean may cost a few bytes; one allocation in a hundred packets would cost far more.
                assertTrue(allocated < 1000, allocated + " bytes allocated for 5,000 packets");
            }
            return null;
        });
    }
}
