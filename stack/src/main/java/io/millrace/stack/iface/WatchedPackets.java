package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.socket.TransmitWatcher;
import io.millrace.stack.storage.PacketStore;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The packets that somebody wants to hear of when they leave, see {@link io.millrace.stack.socket.IpOutput#watch}. A packet
 * carries a number, and a ring has who asked: packets that never leave are forgotten when the ring comes round, or after a
 * while, so that nothing has to be told of buffers that are freed. While nobody asks, sending does not look.
 */
final class WatchedPackets {
    private static final int CAPACITY = 1024;
    private static final int MASK = CAPACITY - 1;

    /** After that a packet is taken for lost: longer than a neighbour is asked for its address. */
    private static final long PATIENCE_MICROS = 10_000_000;

    private final MemorySegment memory;
    private final @Nullable TransmitWatcher[] watchers = new TransmitWatcher[CAPACITY];
    private final long[] firsts = new long[CAPACITY];
    private final long[] ends = new long[CAPACITY];
    private final long[] since = new long[CAPACITY];
    /** Numbers of the packets at hand, beside the burst; meaningless where there is none. */
    private int[] numbers = new int[CAPACITY];

    private boolean[] marked = new boolean[CAPACITY];

    /** The oldest that was not told; numbers wrap. */
    private int oldest;

    private int next;

    /** Packets that were forgotten, and still have their mark, go to a link until then. */
    private long strayUntil = Long.MIN_VALUE;

    /** Number of the large packet that is sent next, whose handle has no place for it. */
    private int large;

    private long largeHandle = PacketPool.NONE;

    /** Makes one for packets of a pool. */
    WatchedPackets(final MemorySegment memory) {
        this.memory = memory;
    }

    /** Notes who wants to hear of a packet. */
    void watch(final long handle, final TransmitWatcher watcher, final long first, final long end, final long now) {
        if (next - oldest == CAPACITY) {
            forget();
        }
        final int slot = next & MASK;
        watchers[slot] = watcher;
        firsts[slot] = first;
        ends[slot] = end;
        since[slot] = now;
        if (PacketStore.isLarge(handle)) {
            large = next;
            largeHandle = handle;
        } else {
            OffloadFlags.watch(memory, handle, next);
        }
        next++;
    }

    /** Whether a packet is watched. */
    boolean isWatched(final long handle) {
        return oldest != next
                && (PacketStore.isLarge(handle) ? handle == largeHandle : OffloadFlags.isWatched(memory, handle));
    }

    /** Lets another packet, in a buffer of the pool, stand for one that is watched. */
    void move(final long handle, final long to) {
        final int number;
        if (PacketStore.isLarge(handle)) {
            number = large;
            largeHandle = PacketPool.NONE;
        } else {
            number = OffloadFlags.watchNumber(memory, handle);
            OffloadFlags.unwatch(memory, handle);
        }
        OffloadFlags.watch(memory, to, number);
    }

    /** Tells of a watched packet that needs no port. */
    void arrived(final long handle, final long now) {
        if (PacketStore.isLarge(handle)) {
            largeHandle = PacketPool.NONE;
            tell(large, now);
        } else {
            OffloadFlags.unwatch(memory, handle);
            tell(OffloadFlags.watchNumber(memory, handle), now);
        }
    }

    /**
     * Whether packets that a link holds may have a mark.
     *
     * @param emptyAt when the link last held none
     */
    boolean any(final long emptyAt, final long now) {
        while (oldest != next && now - since[oldest & MASK] > PATIENCE_MICROS) {
            forget();
        }
        return oldest != next || emptyAt <= strayUntil;
    }

    /** Looks which packets of a burst are watched, and takes the mark from them. Returns whether any is. */
    boolean collect(final long[] handles, final int from, final int count) {
        if (count > marked.length) {
            numbers = new int[count];
            marked = new boolean[count];
        }
        boolean found = false;
        for (int i = 0; i < count; i++) {
            final long handle = handles[from + i];
            marked[i] = OffloadFlags.isWatched(memory, handle);
            if (marked[i]) {
                numbers[i] = OffloadFlags.watchNumber(memory, handle);
                OffloadFlags.unwatch(memory, handle);
                found = true;
            }
        }
        return found;
    }

    /** Tells of those that the port took, the first {@code taken} of what was collected; marks the others again. */
    void tell(final long[] handles, final int from, final int count, final int taken, final long now) {
        for (int i = 0; i < count; i++) {
            if (marked[i] && i < taken) {
                tell(numbers[i], now);
            } else if (marked[i]) {
                OffloadFlags.watch(memory, handles[from + i], numbers[i]);
            }
        }
    }

    private void tell(final int number, final long now) {
        final int age = number - oldest;
        if (age < 0 || age >= next - oldest) {
            return; // forgotten
        }
        final int slot = number & MASK;
        final TransmitWatcher watcher = watchers[slot];
        watchers[slot] = null;
        while (oldest != next && watchers[oldest & MASK] == null) {
            oldest++;
        }
        if (watcher != null) {
            watcher.onTransmitted(firsts[slot], ends[slot], now);
        }
    }

    private void forget() {
        strayUntil = since[oldest & MASK] + PATIENCE_MICROS;
        watchers[oldest & MASK] = null;
        while (oldest != next && watchers[oldest & MASK] == null) {
            oldest++;
        }
    }
}
