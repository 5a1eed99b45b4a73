package io.millrace.dataplane.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

final class ShardTableTest {
    private static int[] owners(final ShardTable table) {
        final int[] owners = new int[FlowHash.BUCKETS];
        for (int bucket = 0; bucket < owners.length; bucket++) {
            owners[bucket] = table.owner(bucket);
        }
        return owners;
    }

    private static BitSet all() {
        final BitSet all = new BitSet();
        all.set(0, FlowHash.BUCKETS);
        return all;
    }

    @Test
    void shouldShareBucketsAsADeviceDoesAtFirst() {
        final ShardTable table = new ShardTable(4, 3);
        for (int hash = 0; hash < 1000; hash++) {
            assertEquals(FlowHash.shard(hash, 3), table.owner(hash));
            assertEquals(FlowHash.shard(hash, 3), table.shard(hash));
            assertEquals(table.owner(hash), table.next(hash, table.owner(hash)));
        }
        assertFalse(table.changed());
        assertFalse(table.runs(3));
    }

    @Test
    void shouldMoveNoMoreThanItsShareToAShardThatComes() {
        final ShardTable table = new ShardTable(4, 3);
        final int[] before = owners(table);
        table.add(3);
        final int[] after = owners(table);
        int moved = 0;
        for (int bucket = 0; bucket < before.length; bucket++) {
            if (before[bucket] != after[bucket]) {
                assertEquals(3, after[bucket]);
                moved++;
            }
        }
        assertEquals(32, moved);
        for (int shard = 0; shard < 4; shard++) {
            assertEquals(32, table.buckets(shard));
        }
        assertEquals(4, table.running());
    }

    @Test
    void shouldMoveOnlyTheBucketsOfAShardThatGoes() {
        final ShardTable table = new ShardTable(3, 3);
        final int[] before = owners(table);
        table.remove(0);
        final int[] after = owners(table);
        for (int bucket = 0; bucket < before.length; bucket++) {
            assertTrue(before[bucket] == after[bucket] || before[bucket] == 0);
        }
        assertEquals(64, table.buckets(1));
        assertEquals(64, table.buckets(2));
        assertEquals(1, table.first());
        assertEquals(43, table.leaving(0));
        assertTrue(table.serves(0));
        assertFalse(table.runs(0));
    }

    @Test
    void shouldAskFormerShardsFirstUntilTheyRetire() {
        final ShardTable table = new ShardTable(3, 3);
        int bucket = 0;
        while (table.owner(bucket) != 1) {
            bucket++;
        }
        table.remove(1);
        final int second = table.owner(bucket);
        assertEquals(1, table.shard(bucket));
        assertTrue(table.isFormer(bucket, 1));
        assertEquals(second, table.next(bucket, 1));
        table.remove(second);
        final int third = table.owner(bucket);
        assertEquals(1, table.shard(bucket));
        assertEquals(second, table.next(bucket, 1));
        assertEquals(third, table.next(bucket, second));

        table.retire(1, new BitSet());
        assertEquals(second, table.shard(bucket));
        assertEquals(second, table.next(bucket, 1), "one that is not in the chain asks from its beginning");
        assertFalse(table.serves(1));
        table.retire(second, all());
        assertEquals(second, table.shard(bucket), "it has flows there still");
        table.retire(third, new BitSet());
        assertEquals(third, table.owner(bucket), "an owner does not retire");
    }

    @Test
    void shouldBringNothingToAShardThatIsAbandoned() {
        final ShardTable table = new ShardTable(3, 3);
        assertThrows(IllegalArgumentException.class, () -> table.abandon(1), "it runs");
        table.remove(1);
        assertTrue(table.serves(1));
        table.abandon(1);
        assertFalse(table.serves(1));
        for (int bucket = 0; bucket < FlowHash.BUCKETS; bucket++) {
            assertEquals(table.owner(bucket), table.shard(bucket));
        }
        table.abandon(1); // harmless
        table.add(1);
        assertTrue(table.buckets(1) > 0);
    }

    @Test
    void shouldAskTheOthersFirstWhenAShardComesBack() {
        final ShardTable table = new ShardTable(2, 2);
        table.remove(1);
        table.add(1);
        for (int bucket = 0; bucket < FlowHash.BUCKETS; bucket++) {
            final int owner = table.owner(bucket);
            assertEquals(owner, table.next(bucket, owner));
            if (bucket % 2 == 1 && owner == 1) {
                assertEquals(0, table.shard(bucket), "it may have begun flows meanwhile");
                assertEquals(1, table.next(bucket, 0));
            }
        }
        assertEquals(64, table.buckets(1));
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> new ShardTable(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new ShardTable(129, 1));
        assertThrows(IllegalArgumentException.class, () -> new ShardTable(2, 3));
        final ShardTable table = new ShardTable(2, 1);
        assertThrows(IllegalArgumentException.class, () -> table.remove(0), "the last one");
        assertThrows(IllegalArgumentException.class, () -> table.remove(1), "does not run");
        assertThrows(IllegalArgumentException.class, () -> table.add(0));
        assertThrows(IndexOutOfBoundsException.class, () -> table.add(2));
    }
}
