package io.millrace.bench.example;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.iface.address.DuplicateDetection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Stacks and the wires between them, on virtual time: what the examples about sockets stand on. */
final class Lab implements AutoCloseable {
    private static final int BUFFERS = 1_024;
    private static final int BUFFER = 1_518;
    private static final int LATENCY_MICROS = 250;
    private static final int ROOM = 8_192;

    private final PacketPool pool = ArenaPool.create(BUFFERS, BUFFER);
    private final PoolCache cache = new PoolCache(pool, 32);
    private final List<Stack> stacks = new ArrayList<>();
    private final List<SimulatedWire> wires = new ArrayList<>();
    private final MemorySegment scratch = Arena.ofAuto().allocate(ROOM);
    private long now;

    Lab() {}

    /** A wire with two ends. */
    SimulatedWire wire() {
        final WireConditions conditions = WireConditions.PERFECT.withLatency(LATENCY_MICROS);
        final SimulatedWire wire = SimulatedWire.ethernet(pool, pool, conditions, wires.size() + 1);
        wires.add(wire);
        return wire;
    }

    /** A stack without interfaces. */
    Stack stack() {
        final Stack stack = Stack.create(StackConfig.defaults(), cache);
        stacks.add(stack);
        return stack;
    }

    /** Gives a stack an interface on one end of a wire. Nobody else can have its addresses, so it does not ask. */
    NetInterface attach(Stack stack, Port end, String... addresses) {
        final InterfaceConfig config = InterfaceConfig.of(addresses).withDuplicateDetection(DuplicateDetection.OFF);
        return stack.addInterface(config, end.info(), end.queue(0, cache));
    }

    /** Microseconds since the beginning. */
    long now() {
        return now;
    }

    /** Moves the time from event to event, and polls, until something is so. */
    void until(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            long next = Long.MAX_VALUE;
            for (final SimulatedWire wire : wires) {
                next = Math.min(next, wire.nextArrival());
            }
            for (final Stack stack : stacks) {
                next = Math.min(next, stack.pollAt(now));
            }
            if (next == Long.MAX_VALUE) {
                throw new IllegalStateException("nothing will ever happen again");
            }
            now = Math.max(now, next);
            stacks.forEach(stack -> stack.poll(now));
        }
    }

    /** Where {@link #put} puts its bytes. */
    MemorySegment scratch() {
        return scratch;
    }

    /** Puts a text into the memory from which sockets copy, at {@code offset}; returns its length in bytes. */
    int put(int offset, String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, scratch, ValueLayout.JAVA_BYTE, offset, bytes.length);
        return bytes.length;
    }

    /** Bytes as text. */
    static String text(MemorySegment memory, long offset, int length) {
        final byte[] bytes = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Closes stacks and wires; every buffer must be home then. */
    @Override
    public void close() {
        stacks.forEach(Stack::close);
        wires.forEach(SimulatedWire::close);
        cache.flush();
        final int missing = pool.capacity() - pool.available();
        pool.close();
        if (missing != 0) {
            throw new IllegalStateException(missing + " buffers did not come home");
        }
    }
}
