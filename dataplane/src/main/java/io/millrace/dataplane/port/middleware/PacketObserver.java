package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.port.Medium;
import java.lang.foreign.MemorySegment;

/** Is shown packets by a {@link Tracer}. */
@FunctionalInterface
public interface PacketObserver {
    /**
     * Called for each packet, on the thread that polls the queue. The bytes may be read until this returns and are not to
     * be written.
     *
     * @param medium what the packet begins with
     * @param memory native memory that holds it
     * @param offset of its first byte within {@code memory}
     * @param length its bytes
     * @param nowMicros the poll loop's time
     */
    void packet(Direction direction, Medium medium, MemorySegment memory, long offset, int length, long nowMicros);
}
