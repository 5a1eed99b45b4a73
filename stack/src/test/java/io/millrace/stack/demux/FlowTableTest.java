package io.millrace.stack.demux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpFamily;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlowTableTest {
    private static final class Flow extends FlowEntry {
        Flow(final int family, final long remote, final int ports) {
            super(family, family == IpFamily.V6 ? 1 : 0, 2, family == IpFamily.V6 ? 3 : 0, remote, ports);
        }
    }

    private final FlowTable table = new FlowTable(new SipHash(1, 2), 4);

    @Test
    void shouldTellFlowsApartByEveryPart() {
        final Flow flow = new Flow(IpFamily.V4, 9, FlowEntry.ports(80, 1000));
        table.add(flow);
        assertSame(flow, find(flow));
        assertNull(table.find(IpFamily.V6, 0, 2, 0, 9, flow.ports));
        assertNull(table.find(IpFamily.V4, 0, 3, 0, 9, flow.ports));
        assertNull(table.find(IpFamily.V4, 0, 2, 0, 8, flow.ports));
        assertNull(table.find(IpFamily.V4, 0, 2, 1, 9, flow.ports));
        assertNull(table.find(IpFamily.V4, 0, 2, 0, 9, FlowEntry.ports(1000, 80)));
        assertEquals(80, flow.localPort());
        assertEquals(1000, flow.remotePort());
    }

    @Test
    void shouldFindTheSuccessorWhenReplaced() {
        final Flow flow = new Flow(IpFamily.V4, 9, 7);
        final Flow successor = new Flow(IpFamily.V4, 9, 7);
        table.add(flow);
        assertSame(flow, find(flow));
        table.replace(flow, successor);
        assertSame(successor, find(flow));
        assertEquals(1, table.size());
        table.remove(successor);
        assertNull(find(flow));
    }

    @Test
    void shouldFindExactlyWhatIsInWhateverIsDone() {
        final SplittableRandom random = new SplittableRandom(2);
        final List<Flow> in = new ArrayList<>();
        final List<Flow> out = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            out.add(new Flow(random.nextBoolean() ? IpFamily.V4 : IpFamily.V6, random.nextInt(50), i));
        }
        for (int i = 0; i < 60_000; i++) {
            // Grows first, then shrinks, then hovers.
            final boolean add = in.isEmpty() || (!out.isEmpty() && random.nextInt(100) < (i < 20_000 ? 70 : 45));
            final List<Flow> from = add ? out : in;
            final int index = random.nextInt(from.size());
            final Flow flow = from.set(index, from.getLast());
            from.removeLast();
            if (add) {
                table.add(flow);
                in.add(flow);
            } else {
                table.remove(flow);
                out.add(flow);
            }
            if (!in.isEmpty()) {
                final Flow some = in.get(random.nextInt(in.size()));
                assertSame(some, find(some));
            }
            if (!out.isEmpty()) {
                assertNull(find(out.get(random.nextInt(out.size()))));
            }
        }
        in.forEach(flow -> assertSame(flow, find(flow)));
        assertEquals(in.size(), table.size());
        assertEquals(in.size(), table.toArray().length);
    }

    @Test
    void shouldTellFlowsApartWhosePortsAreAlikeWhateverWasLookedUpOfLate() {
        final Flow forth = new Flow(IpFamily.V4, 9, FlowEntry.ports(80, 1000));
        final Flow back = new Flow(IpFamily.V4, 9, FlowEntry.ports(1000, 80));
        final Flow other = new Flow(IpFamily.V4, 8, FlowEntry.ports(80, 1000));
        assertNull(find(forth));
        table.add(forth);
        assertNull(find(back));
        assertNull(find(other));
        table.add(other);
        table.add(back);
        for (final Flow flow : List.of(forth, back, other)) {
            assertSame(flow, find(flow));
        }
        table.remove(other);
        assertNull(find(other));
        assertSame(forth, find(forth));
        final Flow successor = new Flow(IpFamily.V4, 9, FlowEntry.ports(80, 1000));
        assertSame(back, find(back));
        table.replace(forth, successor);
        assertSame(successor, find(forth));
        table.remove(back);
        table.remove(successor);
        assertNull(find(forth));
        assertNull(find(back));
    }

    @Test
    void shouldStartWhereADestinationDoesWhoeverWasAskedForBefore() {
        final long[][] destinations = {
            {0, 1, 0, 2, 80}, {0, 1, 0, 3, 80}, {0, 1, 0, 3, 81}, {0, 4, 0, 3, 81}, {5, 4, 0, 3, 81}, {5, 4, 6, 3, 81}
        };
        final PortAllocator all = new PortAllocator(new SipHash(1, 2), 10_000, 60_000);
        for (int i = 0; i < destinations.length; i++) {
            final PortAllocator one = new PortAllocator(new SipHash(1, 2), 10_000, 60_000);
            int alone = 0;
            for (int times = 0; times <= i; times++) {
                alone = allocate(one, destinations[i]);
            }
            assertEquals(alone, allocate(all, destinations[i]));
        }
    }

    private static int allocate(final PortAllocator allocator, final long[] of) {
        return allocator.allocate(of[0], of[1], of[2], of[3], (int) of[4], port -> false);
    }

    @Test
    void shouldChoosePortsThatAreFreeAndHardToForesee() {
        final PortAllocator one = new PortAllocator(new SipHash(1, 2), 50_000, 50_099);
        final PortAllocator two = new PortAllocator(new SipHash(3, 4), 50_000, 50_099);
        final boolean[] taken = new boolean[100];
        int same = 0;
        for (int i = 0; i < 100; i++) {
            final int port = one.allocate(0, 1, 0, 2, 80, candidate -> taken[candidate - 50_000]);
            assertTrue(port >= 50_000 && port < 50_100);
            same += port == two.allocate(0, 1, 0, 2, 80, candidate -> false) ? 1 : 0;
            taken[port - 50_000] = true;
        }
        assertTrue(same < 20, "keys do not matter");
        assertEquals(0, one.allocate(0, 1, 0, 2, 80, candidate -> taken[candidate - 50_000]));
    }

    @Test
    void shouldPreferTheListenerOnTheExactAddress() {
        final ListenerTable listeners = new ListenerTable(new SipHash(1, 2));
        final ListenerEntry any = new Listener(IpFamily.V4, 0, 80);
        final ListenerEntry exact = new Listener(IpFamily.V4, 5, 80);
        final ListenerEntry other = new Listener(IpFamily.V6, 0, 80);
        assertTrue(listeners.add(any));
        assertTrue(listeners.add(exact));
        assertTrue(listeners.add(other));
        assertEquals(false, listeners.add(new Listener(IpFamily.V4, 5, 80)));
        assertSame(exact, listeners.find(IpFamily.V4, 0, 5, 80));
        assertSame(any, listeners.find(IpFamily.V4, 0, 6, 80));
        assertSame(other, listeners.find(IpFamily.V6, 0, 6, 80));
        assertNull(listeners.find(IpFamily.V4, 0, 5, 81));
        assertEquals(3, listeners.toArray().length);
        listeners.remove(exact);
        listeners.remove(exact);
        assertSame(any, listeners.find(IpFamily.V4, 0, 5, 80));
        listeners.remove(any);
        listeners.remove(other);
        assertTrue(listeners.isEmpty());
    }

    @Test
    void shouldSpreadPeersOverListenersThatShareAPlaceAndKeepEachWithOne() {
        final ListenerTable listeners = new ListenerTable(new SipHash(1, 2));
        final ListenerEntry alone = new Listener(IpFamily.V4, 5, 81);
        assertTrue(listeners.add(alone));
        assertEquals(false, listeners.add(new Listener(IpFamily.V4, 5, 81, true)));
        final List<ListenerEntry> group = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            group.add(new Listener(IpFamily.V4, 5, 80, true));
            assertTrue(listeners.add(group.getLast()));
        }
        assertEquals(false, listeners.add(new Listener(IpFamily.V4, 5, 80)));
        assertTrue(listeners.add(new Listener(IpFamily.V4, 0, 80)));
        final int[] peers = new int[3];
        for (int peer = 0; peer < 3_000; peer++) {
            final ListenerEntry chosen = listeners.find(IpFamily.V4, 0, 5, 80, 0, 9, peer);
            assertSame(chosen, listeners.find(IpFamily.V4, 0, 5, 80, 0, 9, peer));
            peers[group.indexOf(chosen)]++;
        }
        for (final int count : peers) {
            assertTrue(count > 900, () -> "of 3000 peers " + Arrays.toString(peers));
        }
        assertSame(alone, listeners.find(IpFamily.V4, 0, 5, 81, 0, 9, 1));
        listeners.remove(group.get(1));
        final int left = group.indexOf(listeners.find(IpFamily.V4, 0, 5, 80, 0, 9, 1));
        assertTrue(left == 0 || left == 2);
    }

    private static final class Listener extends ListenerEntry {
        Listener(final int family, final long lo, final int port) {
            this(family, lo, port, false);
        }

        Listener(final int family, final long lo, final int port, final boolean shared) {
            super(family, 0, lo, port, shared);
        }
    }

    private @Nullable FlowEntry find(final FlowEntry flow) {
        return table.find(flow.family, flow.localHi, flow.localLo, flow.remoteHi, flow.remoteLo, flow.ports);
    }
}
