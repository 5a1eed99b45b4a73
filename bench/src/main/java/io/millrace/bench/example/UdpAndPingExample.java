package io.millrace.bench.example;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Datagrams and ping between two stacks, over IPv4 and IPv6 alike. A socket belongs to one family, and the compiler
 * knows which: sending from a {@code UdpSocket<Ipv4Address>} to an {@code Endpoint<Ipv6Address>} does not compile.
 */
final class UdpAndPingExample implements Example {
    private static final int LATENCY_MICROS = 250;
    private static final int PORT = 7;
    private static final Ipv4Address THERE_V4 = Ipv4Address.parse("192.0.2.2");
    private static final Ipv6Address THERE_V6 = Ipv6Address.parse("2001:db8::2");

    private final MemorySegment buffer = Arena.ofAuto().allocate(2_048);
    private long now;

    UdpAndPingExample() {}

    @Override
    public String name() {
        return "udp-and-ping";
    }

    @Override
    public String summary() {
        return "datagrams and ping between two stacks, over IPv4 and IPv6";
    }

    @Override
    public void run(PrintWriter out) {
        final WireConditions conditions = WireConditions.PERFECT.withLatency(LATENCY_MICROS);
        try (PacketPool pool = ArenaPool.create(512, 1_518);
                SimulatedWire wire = SimulatedWire.ethernet(pool, pool, conditions, 1)) {
            final PoolCache cache = new PoolCache(pool, 32);
            try (Stack here = stack(cache, wire.a(), "192.0.2.1/24", "2001:db8::1/64");
                    Stack there = stack(cache, wire.b(), "192.0.2.2/24", "2001:db8::2/64")) {
                exchange(out, here, there, wire, new Endpoint<>(Ipv4Address.UNSPECIFIED, 0), THERE_V4);
                exchange(out, here, there, wire, new Endpoint<>(Ipv6Address.UNSPECIFIED, 0), THERE_V6);
                ping(out, here, there, wire, THERE_V4);
                ping(out, here, there, wire, THERE_V6);
            }
            cache.flush();
        }
    }

    private <A extends IpAddress> void exchange(
            PrintWriter out, Stack here, Stack there, SimulatedWire wire, Endpoint<A> any, A address) {
        final Endpoint<A> server = new Endpoint<>(address, PORT);
        final boolean[] done = new boolean[1];
        try (UdpSocket<A> echo = there.bind(server, (socket, datagram) -> {
                    // The datagram is read and changed where it lies, and goes back in the buffer that it came in.
                    for (int i = 0; i < datagram.length(); i++) {
                        final long at = datagram.offset() + i;
                        final byte letter = datagram.memory().get(ValueLayout.JAVA_BYTE, at);
                        datagram.memory().set(ValueLayout.JAVA_BYTE, at, (byte) Character.toUpperCase(letter));
                    }
                    datagram.reply(datagram.length());
                });
                UdpSocket<A> client = here.bind(any, (socket, datagram) -> {
                    final int count = datagram.copyTo(buffer, 0, (int) buffer.byteSize());
                    out.println("UDP  from " + datagram.source() + ": " + text(count));
                    done[0] = true;
                })) {
            final byte[] hello = "hello over IPv4 or IPv6".getBytes(StandardCharsets.US_ASCII);
            buffer.copyFrom(MemorySegment.ofArray(hello));
            client.send(server, buffer, 0, hello.length);
            while (!done[0]) {
                step(here, there, wire);
            }
            if (echo.local().port() != PORT) {
                throw new IllegalStateException("bound to another port than asked for");
            }
        }
    }

    private void ping(PrintWriter out, Stack here, Stack there, SimulatedWire wire, IpAddress address) {
        final boolean[] done = new boolean[1];
        final long start = now;
        try (PingSocket<?> ping = here.ping(address, (socket, reply) -> {
            out.printf(
                    "ping from %s: %d bytes, sequence %d, hop limit %d, %d us%n",
                    reply.source(), reply.length(), reply.sequence(), reply.hopLimit(), now - start);
            done[0] = true;
        })) {
            ping.send(1, buffer, 0, 56);
            while (!done[0]) {
                step(here, there, wire);
            }
        }
    }

    /** Moves the time to whatever happens next, then polls both stacks. */
    private void step(Stack here, Stack there, SimulatedWire wire) {
        final long next = Math.min(wire.nextArrival(), Math.min(here.pollAt(now), there.pollAt(now)));
        if (next == Long.MAX_VALUE) {
            throw new IllegalStateException("nothing will ever happen again");
        }
        now = Math.max(now, next);
        here.poll(now);
        there.poll(now);
    }

    private String text(int count) {
        return new String(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    private static Stack stack(PoolCache cache, Port port, String v4, String v6) {
        final Stack stack = Stack.create(StackConfig.defaults(), cache);
        stack.addInterface(InterfaceConfig.of(v4, v6), port.info(), port.queue(0, cache));
        return stack;
    }
}
