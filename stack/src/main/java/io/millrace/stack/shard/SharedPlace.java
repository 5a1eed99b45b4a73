package io.millrace.stack.shard;

import io.millrace.stack.Stack;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * A listener or socket that is open in every shard of a {@link ShardGroup} at the same place. Called as the group is.
 *
 * @param <S> what is open in each shard
 */
public final class SharedPlace<S> implements AutoCloseable {
    private final ShardGroup group;
    private final BiFunction<Integer, Stack, S> opening;
    private final Consumer<S> closing;
    private final List<Part<S>> parts = new ArrayList<>();

    SharedPlace(final ShardGroup group, final BiFunction<Integer, Stack, S> opening, final Consumer<S> closing) {
        this.group = group;
        this.opening = opening;
        this.closing = closing;
    }

    /** Opens it in a stack that no thread polls yet. */
    void openDirectly(final ShardMember member) {
        parts.add(new Part<>(member, opening.apply(member.place(), member.stack())));
    }

    void open(final ShardMember member) {
        parts.add(new Part<>(member, member.ask(stack -> opening.apply(member.place(), stack))));
    }

    void forget(final ShardMember member) {
        parts.removeIf(part -> part.member.equals(member));
    }

    /** Closes it in every stack, also if one does not answer. */
    void closeParts() {
        RuntimeException failure = null;
        for (final Part<S> part : parts) {
            try {
                part.member.ask(stack -> {
                    closing.accept(part.open);
                    return true;
                });
            } catch (final RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        parts.clear();
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * The sum over all shards that there are, for instance of {@code TcpListener::accepted}; each is asked on its own
     * thread.
     */
    public long sum(final ToLongFunction<S> value) {
        synchronized (group) {
            long sum = 0;
            for (final Part<S> part : parts) {
                sum += part.member.ask(stack -> value.applyAsLong(part.open));
            }
            return sum;
        }
    }

    /** Closes it in every shard. Harmless when called again. */
    @Override
    public void close() {
        group.close(this);
    }

    private record Part<S>(ShardMember member, S open) {}
}
