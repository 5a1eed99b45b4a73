package io.millrace.stack.shard;

import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.run.OnThread;
import io.millrace.stack.Stack;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import org.agrona.concurrent.MessageHandler;

/**
 * A stack within a {@link ShardGroup}. Its thread polls it beside the stack: that takes over what other shards found out,
 * and gives back the buckets of flows that ended.
 */
public final class ShardMember {
    /** How often a shard looks whether flows in buckets that it gave away have ended, for it must look at each. */
    private static final long RETIRE_MICROS = 250_000;

    /** How often what was lost on the way to others may be told again. */
    private static final long REPEAT_MICROS = 1_000_000;

    /** How long a control thread waits for this one. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ShardGroup group;
    private final ShardTable table;
    private final int place;
    private final Stack stack;
    private final Predicate<Runnable> thread;
    private final MessageHandler receiver;
    private long nextRetire = Long.MIN_VALUE;
    private long nextRepeat = Long.MIN_VALUE;
    private long lost;

    ShardMember(final ShardGroup group, final int place, final Stack stack, final Predicate<Runnable> thread) {
        this.group = group;
        this.table = group.table();
        this.place = place;
        this.stack = stack;
        this.thread = thread;
        this.receiver = group.rings().receiver(stack);
        this.lost = group.newsLost();
    }

    /** Its place in the group. */
    public int place() {
        return place;
    }

    /** Does what there is to do. On the stack's thread; returns how much that was. */
    public int poll(final long nowMicros) {
        final int work = group.rings().poll(place, receiver);
        final boolean leads = table.first() == place;
        if (leads != stack.sharding().leads()) {
            stack.sharding().leads(leads);
        }
        if (table.changed() && nowMicros >= nextRetire) {
            nextRetire = nowMicros + RETIRE_MICROS;
            if (table.leaving(place) > 0) {
                table.retire(place, stack.sharding().buckets(group.hash()));
            }
        }
        if (leads && lost != group.newsLost() && nowMicros >= nextRepeat) {
            nextRepeat = nowMicros + REPEAT_MICROS;
            lost = group.newsLost();
            stack.sharding().tellAll();
        }
        return work;
    }

    /**
     * Asks something about the stack, on its thread.
     *
     * @throws io.millrace.dataplane.run.UnansweredException if there is no answer within five seconds
     */
    <T> T ask(final Function<Stack, T> question) {
        return OnThread.ask(thread, () -> question.apply(stack), PATIENCE);
    }

    /** The stack, before its thread polls it. */
    Stack stack() {
        return stack;
    }
}
