package io.millrace.dataplane.port.middleware;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/** Changes packets for a {@link FaultInjector}, so that what must withstand anything is shown anything. */
@FunctionalInterface
public interface PacketMutator {
    /**
     * Changes a packet in place. Called by the threads that poll, so it should keep no state of its own.
     *
     * @param random where chance comes from, so that a seed repeats a run
     * @param memory native memory that holds the packet
     * @param offset of its first byte within {@code memory}
     * @param length its bytes
     * @param room how long it may become
     * @return its new length, 1 to {@code room}
     */
    int mutate(Direction direction, RandomGenerator random, MemorySegment memory, long offset, int length, int room);
}
