package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.port.PortQueue;

/** Where packets leave by a port. What the port does not take at once is dropped and counted. */
public final class PortOutput extends Node {
    private final Reason portFull = reason("portFull", "packets that the port did not take");
    private final PortQueue queue;

    /**
     * Makes an output.
     *
     * @param queue of a port that has the graph's pool; the graph's thread polls it from now on
     */
    public PortOutput(final String name, final PortQueue queue) {
        super(name);
        this.queue = queue;
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        final int count = burst.count();
        int sent = 0;
        int taken;
        do {
            // A port takes so many at once; that it took some says nothing about the next ones.
            taken = queue.transmit(burst.handles(), sent, count - sent, nowMicros);
            sent += taken;
        } while (taken > 0 && sent < count);
        burst.keepFirst(sent, portFull);
    }
}
