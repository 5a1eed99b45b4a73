package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.FakeClock;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack with two Ethernet interfaces, against frames that a test writes: 10.0.1.1/24 and 2001:db8:1::1/64 at the first
 * one, 10.0.2.1/24 and 2001:db8:2::1/64 at the second. Neighbours with host part 2 are known at both: the MAC address of
 * the one at interface i is 02:00:00:00:0i:02, that of the stack there 02:00:00:00:0i:01.
 */
final class RouterRig implements AutoCloseable {
    final FakeClock clock = new FakeClock(10_000_000);
    final Stack stack;
    final PoolCache cache;
    final PacketPool pool;
    final NetInterface[] nets = new NetInterface[2];
    private final List<Throwable> failures = new ArrayList<>();
    private final Queue[] queues = {new Queue(), new Queue()};

    RouterRig(final PoolWatch pools, final ForwardingRules rules, final int mtu, final int buffers) {
        pool = pools.pool(buffers);
        cache = pools.cache(pool);
        stack = Stack.create(
                StackConfig.defaults().withEntropy(Entropy.seeded(3)).withFailures(failures::add), cache);
        for (int i = 0; i < 2; i++) {
            final PortInfo info =
                    new PortInfo("net" + i, "test", Medium.ETHERNET, 0x0200_0000_0001L + (i << 8), 1500, 1);
            nets[i] = stack.addInterface(
                    InterfaceConfig.of("10.0." + (i + 1) + ".1/24", "2001:db8:" + (i + 1) + "::1/64")
                            .withMtu(i == 0 ? 1500 : mtu),
                    info,
                    queues[i]);
            final MacAddress peer = new MacAddress(0x0200_0000_0002L + (i << 8));
            nets[i].addNeighbor(IpAddress.parse("10.0." + (i + 1) + ".2"), peer);
            nets[i].addNeighbor(IpAddress.parse("2001:db8:" + (i + 1) + "::2"), peer);
        }
        stack.forwarding(rules);
        settle();
    }

    /** Lets what an interface sends of its own, as announcements, go by. */
    private void settle() {
        for (int i = 0; i < 20; i++) {
            clock.advance(1_000_000);
            stack.poll(clock.now());
        }
        queues[0].sent.clear();
        queues[1].sent.clear();
    }

    /** A frame from the neighbour at an interface to the stack. */
    static byte[] frame(final int net, final byte[] ip) {
        return Bytes.ethernet(
                "02:00:00:00:0" + net + ":01", "02:00:00:00:0" + net + ":02", ip[0] >>> 4 == 4 ? 0x0800 : 0x86DD, ip);
    }

    /** Lets an IP packet come in from the neighbour at an interface. */
    void receive(final int net, final byte[] ip) {
        receiveFrame(net, frame(net, ip));
    }

    void receiveFrame(final int net, final byte[] frame) {
        queues[net].pending.put(cache, frame);
        stack.poll(clock.now());
        queues[net].pending.assertReceived();
    }

    /** What was sent by an interface since the last call. */
    List<byte[]> sent(final int net) {
        stack.poll(clock.now());
        final List<byte[]> frames = List.copyOf(queues[net].sent);
        queues[net].sent.clear();
        return frames;
    }

    /** The one IP packet that was sent since the last call, by this interface. */
    byte[] sentOne(final int net) {
        final List<byte[]> frames = sent(net);
        assertEquals(1, frames.size(), "frames sent by " + net);
        assertEquals(0, sent(1 - net).size(), "frames sent by the other");
        return Bytes.from(frames.getFirst(), 14);
    }

    /** Lets a packet come in that must be dropped in silence for one reason. */
    void assertDropped(final StackCounter reason, final byte[] ip) {
        final long before = stack.counters().get(reason);
        final long drops = stack.counters().drops();
        receive(0, ip);
        assertEquals(before + 1, stack.counters().get(reason), reason.key());
        assertEquals(drops + 1, stack.counters().drops(), "each drop has one reason");
        assertEquals(0, sent(0).size() + sent(1).size(), "frames sent");
    }

    @Override
    public void close() {
        stack.close();
        assertEquals(List.of(), failures);
    }

    private final class Queue implements PortQueue {
        private final List<byte[]> sent = new ArrayList<>();
        private final PendingFrame pending = new PendingFrame();

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return pending.receive(handles);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            for (int i = from; i < from + count; i++) {
                sent.add(Frames.bytes(pool, handles[i]));
                cache.free(handles[i]);
            }
            return count;
        }
    }
}
