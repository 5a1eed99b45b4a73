package io.millrace.bench.tcp;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;

/** A cable between two stacks in one thread: what one end transmits the other receives, in the same buffer. */
final class Crossover {
    private static final int DEPTH = 4096;

    private final Lane forth = new Lane();
    private final Lane back = new Lane();
    private final int mtu;

    Crossover(final int mtu) {
        this.mtu = mtu;
    }

    PortQueue a() {
        return new End(forth, back);
    }

    PortQueue b() {
        return new End(back, forth);
    }

    PortInfo info(final long mac) {
        return new PortInfo("crossover", "crossover", Medium.ETHERNET, mac, mtu, 1);
    }

    private static final class Lane {
        private final long[] ring = new long[DEPTH];
        private int head;
        private int tail;

        int size() {
            return tail - head;
        }
    }

    private record End(Lane out, Lane in) implements PortQueue {
        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int count = Math.min(max, in.size());
            for (int i = 0; i < count; i++) {
                handles[i] = in.ring[in.head++ & (DEPTH - 1)];
            }
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            final int taken = Math.min(count, DEPTH - out.size());
            for (int i = 0; i < taken; i++) {
                out.ring[out.tail++ & (DEPTH - 1)] = handles[from + i];
            }
            return taken;
        }
    }
}
