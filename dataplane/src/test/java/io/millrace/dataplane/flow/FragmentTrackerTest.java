package io.millrace.dataplane.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Handles are plain numbers here: the tracker never looks into a packet. */
final class FragmentTrackerTest {
    private static final int UDP = 17;
    private static final int ICMP = 1;

    private final FlowHash hash = new FlowHash(3);
    private final FragmentTracker tracker = new FragmentTracker(hash);
    private final FlowKey key = new FlowKey();
    private final List<Long> left = new ArrayList<>();
    private final List<Integer> hashes = new ArrayList<>();
    private final FragmentTracker.Exit exit = (handle, kind, flow) -> {
        left.add(handle);
        hashes.add(
                switch (kind) {
                    case FlowClassifier.FLOW -> flow.hash(hash);
                    case FlowClassifier.FRAGMENT -> flow.hashOfAddresses(hash);
                    default -> -1;
                });
    };

    private void add(final int protocol, final int id, final boolean start, final long handle, final long now) {
        fragment(protocol, id, start);
        tracker.add(key, handle, now, exit);
    }

    private void fragment(final int protocol, final int id, final boolean start) {
        key.family = 4;
        key.protocol = protocol;
        key.srcLo = 0x0A000001;
        key.dstLo = 0x0A000002;
        key.fragmentId = id;
        key.start = start;
        key.ports = start && protocol == UDP ? 0x9C40_0007 : 0;
        key.whole = protocol == ICMP ? FlowClassifier.FIRST : FlowClassifier.FLOW;
    }

    private int flow() {
        return hash.hash(0, 0x0A000001, 0, 0x0A000002, 0x9C40_0007);
    }

    private int addresses() {
        return hash.hash(0, 0x0A000001, 0, 0x0A000002, 0);
    }

    @Test
    void shouldLeadFragmentsAfterTheFirstTheSameWay() {
        add(UDP, 1, true, 10, 0);
        add(UDP, 1, false, 11, 1);
        add(UDP, 1, false, 12, 2);
        assertEquals(List.of(10L, 11L, 12L), left);
        assertEquals(List.of(flow(), flow(), flow()), hashes);
    }

    @Test
    void shouldHoldFragmentsUntilTheFirstComes() {
        add(UDP, 1, false, 12, 0);
        add(UDP, 1, false, 11, 1);
        add(UDP, 2, false, 21, 1);
        assertEquals(List.of(), left);
        assertEquals(3, tracker.holding());
        add(UDP, 1, true, 10, 2);
        assertEquals(List.of(10L, 12L, 11L), left);
        assertEquals(List.of(flow(), flow(), flow()), hashes);
        assertEquals(1, tracker.holding());
        tracker.clear(exit);
    }

    @Test
    void shouldLeadByAddressesWhatHasNoFirstInTime() {
        add(UDP, 1, false, 11, 1000);
        assertEquals(0, tracker.poll(1000 + FragmentTracker.PATIENCE_MICROS - 1, exit));
        assertEquals(1000 + FragmentTracker.PATIENCE_MICROS, tracker.pollAt());
        assertEquals(1, tracker.poll(1000 + FragmentTracker.PATIENCE_MICROS, exit));
        add(UDP, 1, false, 12, 600_000);
        assertEquals(List.of(11L, 12L), left);
        assertEquals(List.of(addresses(), addresses()), hashes);
        assertEquals(Long.MAX_VALUE, tracker.pollAt());
    }

    @Test
    void shouldSendWhereTheFirstFragmentSaysEvenIfThatIsNoFlow() {
        add(ICMP, 1, false, 11, 0);
        add(ICMP, 1, true, 10, 0);
        assertEquals(List.of(10L, 11L), left);
        assertEquals(List.of(-1, -1), hashes);
    }

    @Test
    void shouldNotHoldProtocolsWithoutPorts() {
        add(47, 1, false, 11, 0);
        assertEquals(List.of(11L), left);
        assertEquals(List.of(addresses()), hashes);
    }

    @Test
    void shouldKnowTheFlowOfWhatWasLedBehindTheFirst() {
        fragment(UDP, 1, false);
        assertFalse(tracker.complete(key, 0, exit), "nobody knows yet");
        fragment(UDP, 1, true);
        assertTrue(tracker.complete(key, 0, exit));
        fragment(UDP, 1, false);
        assertTrue(tracker.complete(key, 1, exit));
        assertEquals(flow(), key.hash(hash));
        fragment(UDP, 2, false);
        assertFalse(tracker.complete(key, 1, exit));
        fragment(47, 3, false);
        assertTrue(tracker.complete(key, 1, exit));
        assertEquals(addresses(), key.hash(hash));
        assertEquals(List.of(), left);
    }

    @Test
    void shouldHoldABoundedNumberWhateverComes() {
        for (int i = 0; i < 5_000; i++) {
            add(UDP, i / 3, false, i, i);
            assertEquals(i + 1, tracker.holding() + left.size());
        }
        for (int i = 0; i < 100; i++) {
            add(UDP, 1_000_000, false, 5_000 + i, 5_000);
        }
        tracker.clear(exit);
        assertEquals(0, tracker.holding());
        assertEquals(5_100, left.stream().distinct().count());
    }
}
