package io.millrace.stack.timer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A hierarchical timing wheel (Varghese and Lauck, 1987) of {@value #LEVELS} levels with 64 slots each; a slot of the
 * lowest level is {@value #TICK_MICROS} microseconds wide, one of the next is as wide as the whole level below. Timers
 * hang in doubly linked lists through their {@link TimerNode}; a word of bits per level tells which slots are in use.
 *
 * <p>A timer is delivered by the first {@link #poll} at or after its deadline, never before it. Ten levels span
 * all of time, so that no deadline is too far away. Not thread-safe.
 */
public final class TimerWheel {
    static final int LEVELS = 10;
    static final int TICK_MICROS = 128;

    private static final int TICK_SHIFT = 7;
    private static final int SLOT_BITS = 6;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int DUE = LEVELS * SLOTS;

    private final @Nullable TimerNode[] heads = new TimerNode[DUE + 1];
    /** No timer of the slot is due before this; exact until one is cancelled. */
    private final long[] earliest = new long[DUE + 1];

    private final long[] occupied = new long[LEVELS];
    /** Bit of each level that has a slot in use. */
    private int levels;

    private long tick;
    private int count;

    /**
     * Makes a wheel without timers.
     *
     * @param nowMicros time now, at least 0; it must not run backwards
     */
    public TimerWheel(final long nowMicros) {
        this.tick = nowMicros >> TICK_SHIFT;
        Arrays.fill(earliest, Long.MAX_VALUE);
    }

    /** Number of timers that are set. */
    public int count() {
        return count;
    }

    /** Sets a timer, or moves it if it is set. */
    public void set(final TimerNode node, final long deadlineMicros) {
        if (node.timerSlot != TimerNode.IDLE) {
            unlink(node);
        } else {
            count++;
        }
        node.timerDeadline = deadlineMicros;
        link(node, slotOf(deadlineMicros));
    }

    /** Sets a timer to {@code deadlineMicros} unless it is set to an earlier time. */
    public void setNoLater(final TimerNode node, final long deadlineMicros) {
        if (node.timerSlot == TimerNode.IDLE || deadlineMicros < node.timerDeadline) {
            set(node, deadlineMicros);
        }
    }

    /** Clears a timer. Does nothing if it is not set. */
    public void cancel(final TimerNode node) {
        if (node.timerSlot != TimerNode.IDLE) {
            unlink(node);
            node.timerSlot = TimerNode.IDLE;
            count--;
        }
    }

    /**
     * Takes out one timer that is due. Call it until it returns null; timers may be set and cancelled in between.
     *
     * @return whose timer it was; it is no longer set
     */
    public @Nullable TimerNode poll(final long nowMicros) {
        if (heads[DUE] == null) {
            advance(nowMicros);
        }
        final TimerNode node = heads[DUE];
        if (node != null) {
            cancel(node);
        }
        return node;
    }

    /**
     * When {@link #poll} has something to do again, in microseconds. It may be early, after a timer was cancelled or
     * when timers change levels, never late, and after a poll at that time it is another; {@code Long.MAX_VALUE} if no
     * timer is set.
     */
    public long next() {
        if (count == 0) {
            return Long.MAX_VALUE;
        }
        if (heads[DUE] != null) {
            return earliest[DUE];
        }
        // Every timer of a level is due before all those of the level above.
        final int level = Integer.numberOfTrailingZeros(levels);
        final int digit = Long.numberOfTrailingZeros(occupied[level]);
        return Math.max(earliest[level * SLOTS + digit], slotTick(level, digit) << TICK_SHIFT);
    }

    /** The first tick of the slot in use that comes next on a level. */
    private long slotTick(final int level, final int digit) {
        final int shift = level * SLOT_BITS;
        return ((tick >>> (shift + SLOT_BITS) << SLOT_BITS) | digit) << shift;
    }

    /** Moves all timers that are due to the list of those. */
    private void advance(final long nowMicros) {
        final long nowTick = Math.max(tick, nowMicros >> TICK_SHIFT);
        while (true) {
            if (levels == 0) {
                tick = nowTick;
                return;
            }
            final int level = Integer.numberOfTrailingZeros(levels);
            // Digits of the slots in use are never behind the wheel's, so the first bit is the next slot.
            final int digit = Long.numberOfTrailingZeros(occupied[level]);
            final long slotTick = slotTick(level, digit);
            if (slotTick > nowTick) {
                tick = nowTick;
                return;
            }
            tick = Math.max(tick, slotTick);
            final int slot = level * SLOTS + digit;
            if (level == 0) {
                if (!takeDue(slot, nowMicros) || heads[slot] != null) {
                    return; // what is left is due later within this tick
                }
            } else {
                relinkAll(slot);
            }
        }
    }

    private boolean takeDue(final int slot, final long nowMicros) {
        if (earliest[slot] > nowMicros) {
            return false;
        }
        TimerNode node = heads[slot];
        earliest[slot] = Long.MAX_VALUE;
        while (node != null) {
            final TimerNode next = node.timerNext;
            if (node.timerDeadline <= nowMicros) {
                unlink(node);
                link(node, DUE);
            } else {
                earliest[slot] = Math.min(earliest[slot], node.timerDeadline);
            }
            node = next;
        }
        return true;
    }

    private void relinkAll(final int slot) {
        TimerNode node = heads[slot];
        while (node != null) {
            final TimerNode next = node.timerNext;
            unlink(node);
            link(node, slotOf(node.timerDeadline));
            node = next;
        }
    }

    /** Slot by the highest digit in which the deadline differs from the wheel's time. */
    private int slotOf(final long deadlineMicros) {
        final long at = Math.max(tick, deadlineMicros >> TICK_SHIFT);
        final long differs = at ^ tick;
        final int level = differs < SLOTS ? 0 : (63 - Long.numberOfLeadingZeros(differs)) / SLOT_BITS;
        return level * SLOTS + ((int) (at >>> (level * SLOT_BITS)) & (SLOTS - 1));
    }

    private void link(final TimerNode node, final int slot) {
        final TimerNode first = heads[slot];
        node.timerNext = first;
        node.timerPrevious = null;
        node.timerSlot = slot;
        if (first != null) {
            first.timerPrevious = node;
        }
        heads[slot] = node;
        earliest[slot] = Math.min(earliest[slot], node.timerDeadline);
        if (slot != DUE) {
            occupied[slot >>> SLOT_BITS] |= 1L << slot;
            levels |= 1 << (slot >>> SLOT_BITS);
        }
    }

    private void unlink(final TimerNode node) {
        final TimerNode next = node.timerNext;
        final TimerNode previous = node.timerPrevious;
        final int slot = node.timerSlot;
        if (previous == null) {
            heads[slot] = next;
        } else {
            previous.timerNext = next;
        }
        if (next != null) {
            next.timerPrevious = previous;
        }
        if (heads[slot] == null) {
            earliest[slot] = Long.MAX_VALUE;
            if (slot != DUE && (occupied[slot >>> SLOT_BITS] &= ~(1L << slot)) == 0) {
                levels &= ~(1 << (slot >>> SLOT_BITS));
            }
        }
        node.timerNext = null;
        node.timerPrevious = null;
    }
}
