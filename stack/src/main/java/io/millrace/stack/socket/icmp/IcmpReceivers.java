package io.millrace.stack.socket.icmp;

import io.millrace.stack.wire.IcmpErrorRepr;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/** Who gets ICMP messages, by family and echo identifier, or by family, protocol and port of what an error is about. */
final class IcmpReceivers {
    /** Protocol of a key that stands for an echo identifier; 0 is no protocol that has ports. */
    static final int ECHO = 0;

    private final Int2ObjectHashMap<IcmpReceiver> table = new Int2ObjectHashMap<>();

    /** What a receiver is found by. */
    static int key(final int family, final int protocol, final int number) {
        return family << 24 | protocol << 16 | number;
    }

    /** Adds one, in front of those that are bound to the same. */
    void add(final IcmpReceiver receiver) {
        receiver.next = table.put(receiver.key, receiver);
    }

    /** Takes one out; nothing happens if it is not there. */
    @SuppressWarnings("ReferenceEquality") // a socket is itself, not its value
    void remove(final IcmpReceiver receiver) {
        IcmpReceiver before = table.get(receiver.key);
        if (before == receiver) {
            if (receiver.next == null) {
                table.remove(receiver.key);
            } else {
                table.put(receiver.key, receiver.next);
            }
            return;
        }
        while (before != null && before.next != receiver) {
            before = before.next;
        }
        if (before != null) {
            before.next = receiver.next;
        }
    }

    /** Whether there is none. */
    boolean isEmpty() {
        return table.isEmpty();
    }

    /** The one with an echo identifier. */
    @Nullable
    IcmpReceiver echo(final int family, final int identifier) {
        return table.get(key(family, ECHO, identifier));
    }

    /** The first one that is bound to what an error is about. */
    @Nullable
    IcmpReceiver about(final IcmpErrorRepr error) {
        if (error.identifier >= 0) {
            return echo(error.family, error.identifier);
        }
        return error.srcPort < 0 ? null : table.get(key(error.family, error.protocol, error.srcPort));
    }

    /** Shows the echo identifiers that are taken, each perhaps once for a family. */
    void forEachEcho(final IntConsumer visitor) {
        for (final int key : table.keySet()) {
            if ((key >>> 16 & 0xFF) == ECHO) {
                visitor.accept(key & 0xFFFF);
            }
        }
    }

    /** All of them. */
    List<IcmpReceiver> all() {
        final List<IcmpReceiver> all = new ArrayList<>();
        for (IcmpReceiver receiver : table.values()) {
            for (; receiver != null; receiver = receiver.next) {
                all.add(receiver);
            }
        }
        return all;
    }
}
