package io.millrace.dpdk;

import static io.millrace.dpdk.DpdkExtension.words;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DpdkExtension.class)
final class EthDeviceTest {
    private static final int CAPACITY = 1023;
    private static final int BURST = 32;

    private Mempool pool;

    @BeforeEach
    void makePool() {
        pool = Mempool.create("device-test", CAPACITY, 64, 2048 + MbufLayout.HEADROOM, -1);
    }

    @AfterEach
    void poolIsFull() {
        assertEquals(CAPACITY, pool.available());
        pool.close();
    }

    private EthDevice open(final String devargs) {
        final EthDevice device = EthDevice.probe(devargs);
        device.configure(EthConfig.queues(1));
        final EthDevice.QueueSizes sizes = device.adjust(new EthDevice.QueueSizes(256, 256));
        device.setupReceiveQueue(0, sizes.receive(), pool);
        device.setupTransmitQueue(0, sizes.transmit());
        device.start();
        return device;
    }

    @Test
    void shouldReceiveAndTransmitBurstsOnANullDevice() {
        try (EthDevice device = open("net_null0,size=64,copy=0");
                ThreadRegistration registration = ThreadRegistration.register();
                Arena arena = Arena.ofConfined()) {
            assertTrue(registration.lcoreId() >= 0);
            final MemorySegment packets = arena.allocate(ValueLayout.JAVA_LONG, BURST);
            final BurstFunctions burst = BurstFunctions.of(device, 0);
            for (int round = 0; round < 100; round++) {
                assertEquals(BURST, burst.receive(packets.address(), BURST));
                for (int i = 0; i < BURST; i++) {
                    final long mbuf = packets.getAtIndex(ValueLayout.JAVA_LONG, i)
                            - pool.memory().address();
                    assertEquals(pool.address(), pool.memory().get(ValueLayout.JAVA_LONG, mbuf + MbufLayout.POOL));
                    assertEquals(64, pool.memory().get(ValueLayout.JAVA_SHORT, mbuf + MbufLayout.DATA_LEN));
                }
                assertEquals(BURST, burst.transmit(packets.address(), BURST));
            }
            final EthStats stats = device.stats();
            assertEquals(3200, stats.receivedPackets());
            assertEquals(3200, stats.sentPackets());
            pool.drainThreadCache(LcoreId.ofCallingThread());
        }
    }

    @Test
    void shouldPassPacketsFromTransmitToReceiveOnARing() {
        try (EthDevice device = open("net_ring0");
                Arena arena = Arena.ofConfined()) {
            final MemorySegment packets = arena.allocate(ValueLayout.JAVA_LONG, BURST);
            final MemorySegment received = arena.allocate(ValueLayout.JAVA_LONG, BURST);
            final BurstFunctions burst = BurstFunctions.of(device, 0);
            assertTrue(pool.get(packets.address(), BURST));
            assertEquals(CAPACITY - BURST, pool.available());
            assertEquals(BURST, burst.transmit(packets.address(), BURST));
            assertEquals(BURST, burst.receive(received.address(), BURST));
            assertEquals(-1, packets.mismatch(received));
            pool.put(received.address(), BURST);
        }
    }

    @Test
    void shouldFreePacketsWhateverTheirPool() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment packets = arena.allocate(ValueLayout.JAVA_LONG, BURST);
            assertTrue(pool.get(packets.address(), BURST));
            Mbufs.free(packets.address(), BURST);
        }
    }

    @Test
    void shouldTakeAllOrNoneFromThePool() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment packets = arena.allocate(ValueLayout.JAVA_LONG, CAPACITY + 1);
            assertFalse(pool.get(packets.address(), CAPACITY + 1));
            assertTrue(pool.get(packets.address(), CAPACITY));
            assertEquals(0, pool.available());
            assertFalse(pool.get(packets.address(), 1));
            pool.put(packets.address(), CAPACITY);
        }
    }

    @Test
    void shouldDescribeADevice() {
        try (EthDevice device = open("net_null1,size=64")) {
            final EthDeviceInfo info = device.info();
            assertEquals("net_null", info.driver());
            assertTrue(BurstFunctions.isQuick(info.driver()));
            assertTrue(info.maxReceiveQueues() >= 1);
            assertEquals("net_null1", device.name());
            assertEquals(1500, device.mtu());
            assertTrue(device.link().up());
            assertEquals(10_000, device.link().megabits());
            assertEquals(0L, device.xstats().get("rx_good_packets"));
            device.macAddress(0x02_00_5E_10_20_30L);
            assertEquals(0x02_00_5E_10_20_30L, device.macAddress());
            assertTrue(EthDevice.ports().get(device.port()));
            assertEquals(device.port(), EthDevice.byName("net_null1").port());
        }
    }

    @Test
    void shouldSpreadPacketsOverQueuesWhenTheDeviceCanHash() {
        try (EthDevice device = EthDevice.probe("net_null3,size=64")) {
            assertTrue(device.info().rssTypes() != 0);
            device.configure(EthConfig.queues(4));
            for (int queue = 0; queue < 4; queue++) {
                device.setupReceiveQueue(queue, 256, pool);
                device.setupTransmitQueue(queue, 256);
            }
            device.start();
            BurstFunctions.of(device, 3);
            assertThrows(IllegalStateException.class, () -> BurstFunctions.of(device, 4));
        }
    }

    @Test
    void shouldSetKeyAndRedirectionTableWhenTheDeviceHasThem() {
        try (EthDevice device = EthDevice.probe("net_null3,size=64")) {
            device.configure(EthConfig.queues(4));
            for (int queue = 0; queue < 4; queue++) {
                device.setupReceiveQueue(queue, 256, pool);
                device.setupTransmitQueue(queue, 256);
            }
            device.start();
            final EthRss rss = device.rss();
            assertEquals(device.info().redirectionTableSize(), rss.tableSize());
            final int[] table = new int[rss.tableSize()];
            Arrays.setAll(table, i -> i % 3);
            rss.redirect(table);
            assertArrayEquals(table, rss.redirection());
            final byte[] key = new byte[rss.keyLength()];
            Arrays.fill(key, (byte) 0x5A);
            rss.hash(key, device.info().rssTypes());
            assertArrayEquals(key, rss.key());
            assertEquals(device.info().rssTypes(), rss.types());
            assertThrows(IllegalArgumentException.class, () -> rss.redirect(new int[1]));
            assertThrows(IllegalArgumentException.class, () -> rss.hash(new byte[1], 0));
        }
    }

    @Test
    void shouldSayThatADeviceHasNoRedirectionTableWhenItHasNone() {
        try (EthDevice device = open("net_ring1")) {
            final EthRss rss = device.rss();
            assertEquals(0, rss.tableSize());
            final EalException e = assertThrows(EalException.class, rss::redirection);
            assertTrue(words(e).startsWith("cannot read the redirection table of port net_ring1: "), words(e));
        }
    }

    @Test
    void shouldLeaveOutOffloadsThatTheDeviceLacks() {
        try (EthDevice device = EthDevice.probe("net_null4,size=64")) {
            device.configure(new EthConfig(2, 2, true, EthConfig.DEFAULT_KEY_WORD, -1L, -1L));
        }
    }

    @Test
    void shouldOpenADeviceAgainAfterItWasClosed() {
        for (int i = 0; i < 3; i++) {
            open("net_null2").close();
        }
        assertThrows(EalException.class, () -> EthDevice.byName("net_null2"));
    }

    @Test
    void shouldSayWhatDpdkSaysOfWrongDevices() {
        final EalException unknown = assertThrows(EalException.class, () -> EthDevice.probe("net_nosuch0"));
        assertTrue(words(unknown).startsWith("cannot open device \"net_nosuch0\": "), words(unknown));
        assertTrue(words(unknown).contains("EAL: "), words(unknown));
        final EalException interfaceMissing =
                assertThrows(EalException.class, () -> EthDevice.probe("net_af_packet7,iface=nosuch0"));
        assertTrue(words(interfaceMissing).contains("nosuch0"), words(interfaceMissing));
        assertFalse(words(interfaceMissing).contains("\n"));
        final EalException none = assertThrows(EalException.class, () -> EthDevice.byName("net_null9"));
        assertTrue(words(none).contains("No such device"), words(none));
        assertTrue(none.errno() > 0);
    }

    @Test
    void shouldRefuseASecondEal() {
        final EalException e = assertThrows(EalException.class, () -> Eal.start(List.of()));
        assertTrue(words(e).contains("already"));
    }

    @Test
    void shouldSayThatThereIsNotEnoughMemory() {
        final EalException e = assertThrows(
                EalException.class, () -> Mempool.create("huge", 8_000_000, 0, 2048 + MbufLayout.HEADROOM, -1));
        assertTrue(words(e).contains("Cannot allocate memory"), words(e));
    }

    @Test
    void shouldRefuseBuffersThatAreGivenBackTwice() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment packets = arena.allocate(ValueLayout.JAVA_LONG, 1);
            assertTrue(pool.get(packets.address(), 1));
            pool.put(packets.address(), 1);
            assertThrows(IllegalStateException.class, () -> pool.put(packets.address(), 1));
        }
    }

    @Test
    void shouldKnowOnlyDriversThatMakeNoSystemCallAsQuick() {
        for (final String driver : List.of("net_af_packet", "net_af_xdp", "net_tap", "net_pcap", "net_memif", "new")) {
            assertFalse(BurstFunctions.isQuick(driver), driver);
        }
    }
}
