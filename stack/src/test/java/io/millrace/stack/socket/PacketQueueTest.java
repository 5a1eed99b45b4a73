package io.millrace.stack.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.wire.IpRepr;
import io.millrace.testkit.Origin;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The queue of sockets, with numbers for packets. What smoltcp's packet buffer is put through, with its limits of 4
 * packets and 16 bytes: since packets lie in buffers of their own, no order of lengths makes room unusable.
 */
class PacketQueueTest {
    private final QueueBudget budget = new QueueBudget(100);
    private final PacketQueue queue = new PacketQueue(budget, 4, 16);
    private long next = 1;

    @Test
    @Origin("smoltcp:storage::packet_buffer::test_simple")
    @Origin("smoltcp:storage::packet_buffer::test_peek")
    void shouldKeepAPacketUntilItIsRemoved() {
        assertEquals(PacketPool.NONE, queue.handle());
        assertThrows(IllegalStateException.class, queue::ip);
        final IpRepr ip = new IpRepr();
        ip.srcLo = 42;
        assertTrue(queue.add(ip, 7, 70, 6, 700, 7000));
        assertFalse(add(16));
        assertEquals(1, queue.size());
        ip.srcLo = 43;
        for (int i = 0; i < 2; i++) {
            assertEquals(42, queue.ip().srcLo);
            assertEquals(7, queue.handle());
            assertEquals(70, queue.offset());
            assertEquals(6, queue.length());
            assertEquals(700, queue.tag());
            assertEquals(7000, queue.time());
        }
        queue.remove();
        assertEquals(0, queue.size());
        assertEquals(0, queue.bytes());
        assertEquals(PacketPool.NONE, queue.handle());
    }

    @Test
    @Origin("smoltcp:storage::packet_buffer::test_padding")
    @Origin("smoltcp:storage::packet_buffer::test_padding_with_large_payload")
    @Origin("smoltcp:storage::packet_buffer::test_dequeue_with")
    @Origin("smoltcp:storage::packet_buffer::test_contiguous_window_wrap")
    @Origin("smoltcp:storage::packet_buffer::test_contig_window_prioritized")
    void shouldNeedNoPadding() {
        assertTrue(add(6));
        assertTrue(add(8));
        queue.remove();
        assertTrue(add(4));
        assertEquals(2, queue.size());
        queue.remove();
        assertEquals(4, queue.length());
        queue.remove();
        for (final int length : new int[] {12, 12, 15, 16, 4, 5}) {
            assertTrue(add(length));
            queue.remove();
        }
    }

    @Test
    @Origin("smoltcp:storage::packet_buffer::test_metadata_full_empty")
    @Origin("smoltcp:storage::packet_buffer::test_enqueue_fallible_full_metadata_fn_not_called")
    void shouldRefuseOneMoreThanItsLimit() {
        for (int i = 0; i < 4; i++) {
            assertTrue(add(1));
            assertEquals(i + 1, queue.size());
        }
        assertFalse(add(1));
        assertEquals(4, queue.bytes());
        assertEquals(1, queue.handle(), "the oldest stays");
        queue.remove();
        assertTrue(add(5));
        assertFalse(add(5));
    }

    /** Unlike smoltcp's, where 8 bytes do not fit if 4 are free at each end. */
    @Test
    @Origin("smoltcp:storage::packet_buffer::test_window_too_small")
    @Origin("smoltcp:storage::packet_buffer::test_contiguous_window_too_small")
    void shouldRefuseMoreBytesThanItsLimit() {
        assertTrue(add(4));
        assertTrue(add(8));
        queue.remove();
        assertFalse(add(16));
        assertFalse(add(9));
        assertTrue(add(8));
    }

    /** Unlike smoltcp's: a limit of bytes must not make long datagrams impossible. */
    @Test
    @Origin("smoltcp:storage::packet_buffer::test_capacity_too_small")
    void shouldTakeALongPacketWhenItIsAlone() {
        assertTrue(add(32));
        assertFalse(add(1));
        queue.remove();
        assertTrue(add(1));
        assertFalse(add(32));
    }

    @Test
    @Origin("smoltcp:storage::packet_buffer::clear")
    void shouldGiveTheBudgetBack() {
        final PacketQueue other = new PacketQueue(budget, 1000, 1000);
        for (int i = 0; i < 100; i++) {
            assertTrue(other.add(new IpRepr(), 5, 0, 1, 0, 0));
        }
        assertFalse(other.add(new IpRepr(), 5, 0, 1, 0, 0));
        assertFalse(add(1), "all queues share it");
        while (other.size() > 0) {
            other.remove();
        }
        assertTrue(add(1));
    }

    @Test
    void shouldKeepTheOrderHoweverItGrows() {
        final SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 200; round++) {
            final PacketQueue grown = new PacketQueue(new QueueBudget(10_000), 60_000, Integer.MAX_VALUE);
            final ArrayDeque<Long> model = new ArrayDeque<>();
            for (int i = 0; i < 300; i++) {
                if (random.nextInt(3) > 0) {
                    assertTrue(grown.add(new IpRepr(), next, next, 1, 0, 0));
                    model.add(next++);
                } else if (!model.isEmpty()) {
                    assertEquals(model.poll(), grown.handle());
                    grown.remove();
                }
                assertEquals(model.size(), grown.size());
            }
            while (!model.isEmpty()) {
                assertEquals(model.poll(), grown.offset());
                grown.remove();
            }
        }
    }

    @Test
    void shouldKeepWhatWaitsWhenLimitsAreLowered() {
        for (int i = 0; i < 4; i++) {
            add(4);
        }
        queue.limits(1, 1);
        assertEquals(4, queue.size());
        queue.remove();
        assertFalse(add(1));
        queue.limits(8, 100);
        assertTrue(add(50));
        assertThrows(IllegalArgumentException.class, () -> queue.limits(0x1_0000, 1));
    }

    private boolean add(final int length) {
        return queue.add(new IpRepr(), next++, 0, length, 0, 0);
    }
}
