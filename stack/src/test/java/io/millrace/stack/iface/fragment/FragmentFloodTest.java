package io.millrace.stack.iface.fragment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.storage.PacketStore;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A million fragments that were made to hurt: of few and of many sources, with few and many identifications. */
final class FragmentFloodTest {
    private static final int FRAGMENTS = 1_000_000;
    private static final int BUFFERS = 64;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final Counters<StackCounter> counters = new Counters<>(StackCounter.class);
    private final FragmentRepr fragment = new FragmentRepr();
    private final MemorySegment bytes = Frames.ofBytes(new byte[2048]);

    @Test
    void shouldBoundMemoryUnderAFlood() {
        final PacketPool pool = pools.pool(BUFFERS);
        final ReassemblyLimits limits = ReassemblyLimits.defaults();
        try (PacketStore packets = new PacketStore(pools.cache(pool), 4);
                Reassembly reassembly = new Reassembly(packets, limits, Entropy.seeded(1), counters)) {
            final SplittableRandom random = new SplittableRandom(1);
            long now = 0;
            long whole = 0;
            for (int i = 0; i < FRAGMENTS; i++) {
                now += random.nextInt(100);
                randomFragment(random, i < FRAGMENTS / 2 ? 3 : 1 << 20);
                final long handle = reassembly.add(fragment, now);
                if (handle != PacketPool.NONE) {
                    packets.free(handle);
                    whole++;
                }
                if ((i & 1023) == 0) {
                    assertTrue(reassembly.bytesHeld() <= limits.bytes());
                    assertTrue(reassembly.datagrams() <= limits.datagrams());
                    expire(reassembly, packets, now);
                }
            }
            assertEquals(FRAGMENTS, counters.get(StackCounter.FRAGMENTS_RECEIVED));
            assertEquals(whole, counters.get(StackCounter.REASSEMBLED));
            assertTrue(whole > 100, "some datagrams become whole: " + whole);
            assertTrue(counters.get(StackCounter.REASSEMBLY_EVICTIONS) > 0);
            assertTrue(counters.get(StackCounter.FRAGMENT_OVERLAP) > 0);
            while (reassembly.pollAt() != Long.MAX_VALUE) {
                now = Math.max(now, reassembly.pollAt());
                expire(reassembly, packets, now);
            }
            assertEquals(0, reassembly.bytesHeld());
            assertEquals(0, reassembly.datagrams());
            assertEquals(4, packets.largeAvailable());
        }
    }

    private void expire(final Reassembly reassembly, final PacketStore packets, final long now) {
        long handle = reassembly.pollExpired(now);
        while (handle != PacketPool.NONE) {
            packets.free(handle);
            handle = reassembly.pollExpired(now);
        }
    }

    private void randomFragment(final SplittableRandom random, final int sources) {
        final boolean v4 = random.nextBoolean();
        fragment.family = v4 ? 4 : 6;
        fragment.srcHi = v4 ? 0 : 0x2001_0db8_0000_0000L + random.nextInt(sources);
        fragment.srcLo = v4 ? random.nextInt(sources) : 1;
        fragment.dstHi = v4 ? 0 : 1;
        fragment.dstLo = 2;
        fragment.protocol = v4 ? 17 : 0;
        fragment.memory = bytes;
        fragment.ipOffset = 0;
        fragment.headerLength = v4 ? 20 : 48;
        fragment.typeAt = 6;
        final boolean small = random.nextInt(4) == 0;
        fragment.id = small ? 10_000 + random.nextInt(50) : random.nextInt(2000);
        final int span = small ? 3 : 1 + random.nextInt(180);
        fragment.length = 8 * span;
        fragment.place = small ? 24 * random.nextInt(3) : 8 * random.nextInt(8192 - 200);
        fragment.more = small ? fragment.place < 48 : random.nextInt(10) > 0;
    }
}
