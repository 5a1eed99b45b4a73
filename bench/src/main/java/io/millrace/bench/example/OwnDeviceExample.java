package io.millrace.bench.example;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Port;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Two stacks ping each other over a {@link UdpTunnelPort}, a device of the user's own: Ethernet frames in UDP datagrams
 * of the kernel. Here both ends are in one process; in two, on two hosts, nothing would be different.
 */
final class OwnDeviceExample implements Example {
    private static final int PINGS = 3;
    private static final long SECOND = 1_000_000_000;

    OwnDeviceExample() {}

    @Override
    public String name() {
        return "own-device";
    }

    @Override
    public String summary() {
        return "a device of one's own: Ethernet tunnelled in UDP, pinged through";
    }

    @Override
    public void run(PrintWriter out) throws IOException {
        try (PacketPool pool = ArenaPool.create(256, 1_518);
                UdpTunnelPort left = open("left", 0x0200_0000_0001L, pool);
                UdpTunnelPort right = open("right", 0x0200_0000_0002L, pool)) {
            left.connect(right.localAddress());
            right.connect(left.localAddress());
            out.println("tunnel from " + left.localAddress() + " to " + right.localAddress());
            final PoolCache cache = new PoolCache(pool, 32);
            try (Stack here = stack("2001:db8::1/64", left, cache);
                    Stack there = stack("2001:db8::2/64", right, cache)) {
                ping(out, here, there);
            }
            cache.flush();
            out.println(left.stats());
        }
    }

    private static void ping(PrintWriter out, Stack here, Stack there) {
        final MemorySegment data = Arena.ofAuto().allocate(56);
        final int[] answered = new int[1];
        try (PingSocket<Ipv6Address> ping =
                here.ping(Ipv6Address.parse("2001:db8::2"), (socket, reply) -> answered[0] = reply.sequence())) {
            for (int i = 1; i <= PINGS; i++) {
                final long start = System.nanoTime();
                ping.send(i, data, 0, (int) data.byteSize());
                while (answered[0] < i) {
                    final long now = System.nanoTime();
                    if (now - start > SECOND) {
                        throw new IllegalStateException("no answer within a second");
                    }
                    here.poll(now / 1_000);
                    there.poll(now / 1_000);
                }
                out.printf("ping %d answered after %d us%n", i, (System.nanoTime() - start) / 1_000);
            }
        }
    }

    private static UdpTunnelPort open(String name, long mac, PacketPool pool) throws IOException {
        return UdpTunnelPort.open(name, mac, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), pool);
    }

    private static Stack stack(String address, Port port, PoolCache cache) {
        final Stack stack = Stack.create(StackConfig.defaults(), cache);
        stack.addInterface(InterfaceConfig.of(address), port.info(), port.queue(0, cache));
        return stack;
    }
}
