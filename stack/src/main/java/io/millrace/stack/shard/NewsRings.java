package io.millrace.stack.shard;

import io.millrace.stack.Stack;
import io.millrace.stack.iface.ShardNews;
import io.millrace.stack.iface.address.AddressState;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * What the stacks of a group tell each other: for each an inbox that all others write to, a {@link ManyToOneRingBuffer},
 * since there are many writers, few messages, and each is a few bytes. All messages have one layout, in the machine's
 * byte order; nothing is allocated.
 *
 * <p>A full inbox loses what it was to get, which is counted. A neighbour or a path is then found out anew, cookies are
 * told of again; an address that is still being checked is told again by {@link io.millrace.stack.Sharding#tellAll}.
 */
final class NewsRings {
    private static final int CAPACITY = 64 * 1024;
    private static final int NEIGHBOR = 1;
    private static final int ADDRESS = 2;
    private static final int PATH_MTU = 3;
    private static final int COOKIES = 4;

    // A message: interface, family, state, spare, upper and lower half of the address, value.
    private static final int INTERFACE = 0;
    private static final int FAMILY = INTERFACE + BitUtil.SIZE_OF_INT;
    private static final int STATE = FAMILY + BitUtil.SIZE_OF_INT;
    private static final int HI = STATE + 2 * BitUtil.SIZE_OF_INT;
    private static final int LO = HI + BitUtil.SIZE_OF_LONG;
    private static final int VALUE = LO + BitUtil.SIZE_OF_LONG;
    private static final int LENGTH = VALUE + BitUtil.SIZE_OF_LONG;

    private final ManyToOneRingBuffer[] inboxes;
    private final AtomicLong lost = new AtomicLong();

    NewsRings(final int places) {
        inboxes = new ManyToOneRingBuffer[places];
        for (int i = 0; i < places; i++) {
            inboxes[i] = new ManyToOneRingBuffer(new UnsafeBuffer(
                    BufferUtil.allocateDirectAligned(CAPACITY + RingBufferDescriptor.TRAILER_LENGTH, 64)));
        }
    }

    /** Messages that found an inbox full. */
    long lost() {
        return lost.get();
    }

    /** What a stack tells, to all others. */
    ShardNews sender(final int place, final ShardSet members) {
        return new Sender(place, members);
    }

    /** What a stack does with what it is told; one for each stack. */
    MessageHandler receiver(final Stack stack) {
        return new Receiver(stack);
    }

    /** Reads an inbox, on the thread of its stack. Returns how many messages there were. */
    int poll(final int place, final MessageHandler receiver) {
        return inboxes[place].read(receiver);
    }

    /** Forgets what an inbox holds: it was for the stack that was in this place before. */
    void clear(final int place) {
        while (inboxes[place].size() > 0) {
            inboxes[place].read((type, buffer, index, length) -> {});
        }
    }

    /** Which places have a stack. */
    interface ShardSet {
        /** Whether there is one. */
        boolean has(int place);
    }

    private final class Sender implements ShardNews {
        private final int place;
        private final ShardSet members;
        private final UnsafeBuffer message = new UnsafeBuffer(BufferUtil.allocateDirectAligned(LENGTH, 8));

        Sender(final int place, final ShardSet members) {
            this.place = place;
            this.members = members;
        }

        @Override
        public void onNeighbor(
                final int interfaceIndex, final int family, final long hi, final long lo, final long mac) {
            send(NEIGHBOR, interfaceIndex, family, 0, hi, lo, mac);
        }

        @Override
        public void onAddress(
                final int interfaceIndex,
                final int family,
                final long hi,
                final long lo,
                final AddressState state,
                final long other) {
            send(ADDRESS, interfaceIndex, family, state.ordinal(), hi, lo, other);
        }

        @Override
        public void onPathMtu(final int family, final long hi, final long lo, final int mtu) {
            send(PATH_MTU, 0, family, 0, hi, lo, mtu);
        }

        @Override
        public void onCookies(final int port) {
            send(COOKIES, 0, 0, 0, 0, 0, port);
        }

        private void send(
                final int type,
                final int interfaceIndex,
                final int family,
                final int state,
                final long hi,
                final long lo,
                final long value) {
            message.putInt(INTERFACE, interfaceIndex);
            message.putInt(FAMILY, family);
            message.putInt(STATE, state);
            message.putLong(HI, hi);
            message.putLong(LO, lo);
            message.putLong(VALUE, value);
            for (int to = 0; to < inboxes.length; to++) {
                if (to != place && members.has(to) && !inboxes[to].write(type, message, 0, LENGTH)) {
                    lost.incrementAndGet();
                }
            }
        }
    }

    private static final class Receiver implements MessageHandler {
        private static final AddressState[] STATES = AddressState.values();

        private final Stack stack;

        Receiver(final Stack stack) {
            this.stack = stack;
        }

        @Override
        public void onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
            final int interfaceIndex = buffer.getInt(index + INTERFACE);
            final int family = buffer.getInt(index + FAMILY);
            final long hi = buffer.getLong(index + HI);
            final long lo = buffer.getLong(index + LO);
            final long value = buffer.getLong(index + VALUE);
            switch (type) {
                case NEIGHBOR -> stack.sharding().heardNeighbor(interfaceIndex, family, hi, lo, value);
                case ADDRESS ->
                    stack.sharding()
                            .heardAddress(interfaceIndex, family, hi, lo, STATES[buffer.getInt(index + STATE)], value);
                case COOKIES -> stack.sharding().heardCookies((int) value);
                case PATH_MTU -> stack.sharding().heardPathMtu(family, hi, lo, (int) value);
                default -> throw new IllegalStateException("news of type " + type);
            }
        }
    }
}
