package io.millrace.dataplane.port.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dpdk.DpdkExtension;
import io.millrace.dpdk.EthConfig;
import io.millrace.dpdk.EthDevice;
import java.util.BitSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** On net_null, which keeps key and table as a network card would, and spreads nothing. */
@ExtendWith(DpdkExtension.class)
final class RssStateTest {
    private static final int CAPACITY = 1023;

    private DpdkPool pool;

    @BeforeEach
    void makePool() {
        pool = DpdkPool.create("rss-test", CAPACITY, 1518);
    }

    @AfterEach
    void poolIsFull() {
        assertEquals(CAPACITY, pool.available());
        pool.close();
    }

    private EthDevice open(final String devargs, final int queues, final FlowHash hash) {
        final EthDevice device = EthDevice.probe(devargs);
        device.configure(EthConfig.queues(queues, hash.keyWord()));
        for (int queue = 0; queue < queues; queue++) {
            device.setupReceiveQueue(queue, 64, pool.mempool());
            device.setupTransmitQueue(queue, 64);
        }
        device.start();
        return device;
    }

    @Test
    void shouldGiveTheDeviceKeyAndTableWhenItHashes() {
        for (final int queues : new int[] {2, 3, 4}) {
            final FlowHash hash = new FlowHash(queues);
            try (EthDevice device = open("net_null6,size=64", queues, hash)) {
                final RssState state = RssState.apply(device, hash, queues);
                assertEquals(queues, state.queues());
                assertTrue(state.key());
                assertTrue(state.table());
                assertTrue(state.matches());
                assertEquals(device.info().rssTypes() & state.types(), state.types(), "types that the device can hash");
                assertTrue(state.types() != 0);
                assertArrayEquals(hash.key(40), device.rss().key());
                final int[] table = device.rss().redirection();
                for (int i = 0; i < 10_000; i++) {
                    final int value = hash.hash(0, 0x0A000001, 0, 0x0A000002, i << 16 | 80);
                    assertEquals(FlowHash.shard(value, queues), table[value & (table.length - 1)]);
                }
            }
        }
    }

    @Test
    void shouldLeadBucketsToTheShardsThatTheyGoToFirst() {
        final FlowHash hash = new FlowHash(9);
        try (EthDevice device = open("net_null6,size=64", 3, hash)) {
            RssState.apply(device, hash, 3);
            final ShardTable shards = new ShardTable(3, 3);
            shards.remove(1);
            shards.retire(1, new BitSet());
            assertTrue(RssState.redirect(device, shards::shard));
            final int[] table = device.rss().redirection();
            for (int i = 0; i < table.length; i++) {
                assertEquals(shards.shard(i), table[i]);
                assertNotEquals(1, table[i]);
            }
        }
        try (DpdkPort port = DpdkPort.open(DpdkPortConfig.of("net_null6,size=64"), pool)) {
            assertFalse(port.redirect(bucket -> 0), "nothing to spread");
        }
    }

    @Test
    void shouldSayThatTheDeviceSpreadsByItselfWhenItHasNoHash() {
        final FlowHash hash = new FlowHash(1);
        try (EthDevice device = open("net_ring2", 1, hash)) {
            final RssState state = RssState.apply(device, hash, 2);
            assertFalse(state.key());
            assertFalse(state.table());
            assertFalse(state.matches());
        }
    }

    @Test
    void shouldBeOneQueueWhenNothingIsToBeSpread() {
        try (DpdkPort port = DpdkPort.open(DpdkPortConfig.of("net_null6,size=64"), pool)) {
            assertEquals(RssState.NONE, port.rss());
            assertTrue(port.rss().matches());
        }
    }
}
