package io.millrace.stack.socket;

import io.millrace.dataplane.buffer.PacketPool;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the application of a socket to ask for it, packet by packet, and the packet that it looks at. Not
 * thread-safe.
 */
public final class PacketInbox {
    private final IpOutput output;
    private final PacketQueue queue;
    private @Nullable Runnable signal;

    /** Buffer of the packet that was taken last. */
    private long held = PacketPool.NONE;

    /**
     * Makes an empty one.
     *
     * @param output where buffers come from and go
     * @param budget what all queues share
     * @param packets most that wait, unless the application says otherwise
     */
    public PacketInbox(final IpOutput output, final QueueBudget budget, final int packets) {
        this.output = output;
        this.queue = new PacketQueue(budget, packets, PacketQueue.DEFAULT_BYTES);
    }

    /** What waits. */
    public PacketQueue queue() {
        return queue;
    }

    /** Sets what is called when a packet begins to wait; null for nothing. */
    public void onWaiting(final @Nullable Runnable newSignal) {
        signal = newSignal;
    }

    /** Tells whoever wants to know that something waits: what the application set, which may throw. */
    public void signal() {
        final Runnable told = signal;
        if (told != null) {
            told.run();
        }
    }

    /** Ends the look at the packet before. Returns whether one waits, the first of the queue. */
    public boolean next() {
        release();
        return queue.size() > 0;
    }

    /** Where the first packet of the queue is; there must be one. */
    public MemorySegment memory() {
        return output.packets().memory(queue.handle());
    }

    /** Takes the first packet out of the queue; it stays where it is until the look at it ends. */
    public void take() {
        held = queue.handle();
        queue.remove();
    }

    /** Frees everything. */
    public void close() {
        release();
        queue.close(output);
    }

    private void release() {
        if (held != PacketPool.NONE) {
            output.free(held);
            held = PacketPool.NONE;
        }
    }
}
