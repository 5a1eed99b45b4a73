package io.millrace.stack.node;

import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.PortInput;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.Stack;

/**
 * A stack as a node: a router for IPv4 and IPv6 if its forwarding is on, and a host in any case. Its interfaces are made
 * upon {@link #queue}s of the node instead of those of ports. What the stack counts and drops is in its own counters.
 *
 * <p>Packets come from {@link PortInput}s with numbers; edges: {@code port0}, {@code port1} and so on.
 *
 * <pre>{@code
 * Stack stack = Stack.create(StackConfig.defaults(), cache);
 * StackNode router = new StackNode("router", 2, stack);
 * stack.addInterface(InterfaceConfig.of("192.0.2.1/24"), left.info(), router.queue(0));
 * stack.addInterface(InterfaceConfig.of("2001:db8::1/64"), right.info(), router.queue(1));
 * stack.forwarding(ForwardingRules.ROUTER);
 * }</pre>
 */
public final class StackNode extends Node {
    /** How long a change that came from outside, for instance an address that was added, may wait for its first timer. */
    private static final long LONGEST_SLEEP_MICROS = 10_000;

    private final Queue[] queues;
    private final Stack stack;
    private final Reason unknownPort = reason("unknownPort", "packets from a port that the stack does not have");

    /**
     * Makes a node.
     *
     * @param ports how many it has, at least 1
     * @param stack made with the graph's cache; closed with the graph
     * @throws IllegalArgumentException if it has no port
     */
    public StackNode(final String name, final int ports, final Stack stack) {
        super(name);
        if (ports < 1) {
            throw new IllegalArgumentException(name + " has " + ports + " ports; it has 1 or more");
        }
        this.stack = stack;
        this.queues = new Queue[ports];
        for (int i = 0; i < ports; i++) {
            queues[i] = new Queue(edge("port" + i));
        }
    }

    /** The stack. On the graph's thread only. */
    public Stack stack() {
        return stack;
    }

    /**
     * What the stack's interface on a port sends to and receives from.
     *
     * @param port number of the port's input, from 0
     */
    public PortQueue queue(final int port) {
        return queues[port];
    }

    @Override
    protected void start() {
        wakeAt(Long.MIN_VALUE);
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        for (int i = 0; i < burst.count(); i++) {
            final int port = burst.port(i);
            if (port >= queues.length) {
                burst.drop(i, unknownPort);
            } else {
                queues[port].arrived(burst.handle(i));
                burst.keep(i);
            }
        }
        do {
            stack.poll(nowMicros);
        } while (waiting());
        wakeAt(Math.min(stack.pollAt(nowMicros), nowMicros + LONGEST_SLEEP_MICROS));
    }

    private boolean waiting() {
        for (final Queue queue : queues) {
            if (queue.count > 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    protected void stop() {
        stack.close();
        for (final Queue queue : queues) {
            cache().free(queue.handles, 0, queue.count);
            queue.count = 0;
        }
    }

    /** Packets on their way into the stack; those out of it go along the edge at once. */
    private final class Queue implements PortQueue {
        private final Edge edge;
        private final long[] handles = new long[Graph.MAX_VECTOR];
        private int count;

        Queue(final Edge edge) {
            this.edge = edge;
        }

        void arrived(final long handle) {
            handles[count++] = handle;
        }

        @Override
        public int receive(final long[] to, final int max, final long nowMicros) {
            final int taken = Math.min(max, count);
            System.arraycopy(handles, 0, to, 0, taken);
            count -= taken;
            System.arraycopy(handles, taken, handles, 0, count);
            return taken;
        }

        @Override
        public int transmit(final long[] packets, final int from, final int number, final long nowMicros) {
            for (int i = 0; i < number; i++) {
                emit(edge, packets[from + i]);
            }
            return number;
        }
    }
}
