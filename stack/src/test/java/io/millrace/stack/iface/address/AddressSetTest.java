package io.millrace.stack.iface.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What an interface listens to while addresses and groups come and go. */
class AddressSetTest {
    private final List<String> told = new ArrayList<>();
    private final GroupListener listener = new GroupListener() {
        @Override
        public void onJoin(final IpAddress group) {
            told.add("+" + group);
        }

        @Override
        public void onLeave(final IpAddress group) {
            told.add("-" + group);
        }
    };
    private final AddressSet set4 = new AddressSet(IpFamily.V4, listener);
    private final AddressSet set6 = new AddressSet(IpFamily.V6, listener);

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv6::test_solicited_node_multicast_autojoin")
    void shouldBeInTheSolicitedNodeGroupOfEachAddressAndNoOther() {
        final IpAddress group1 = IpAddress.parse("ff02::1:ff00:1");
        final IpAddress group2 = IpAddress.parse("ff02::1:ff00:2");
        final OwnAddress first = own("2001:db8::1", 64);
        final OwnAddress second = own("2001:db8::2", 64);
        final OwnAddress sharing = own("fe80::1", 64);
        set6.add(first);
        assertEquals(AddressSet.GROUP, kind(group1));
        assertEquals(AddressSet.NONE, kind(group2));
        set6.add(second);
        set6.add(sharing);
        set6.remove(first);
        assertEquals(AddressSet.GROUP, kind(group1));
        assertEquals(AddressSet.GROUP, kind(group2));
        set6.remove(sharing);
        assertEquals(AddressSet.NONE, kind(group1));
        assertEquals(List.of("+ff02::1", "+ff02::1:ff00:1", "+ff02::1:ff00:2", "-ff02::1:ff00:1"), told);
    }

    @Test
    void shouldListenToTheBroadcastAddressAsLongAsAnAddressNeedsIt() {
        final OwnAddress first = own("192.0.2.1", 24);
        final OwnAddress second = own("192.0.2.2", 24);
        final OwnAddress inTheWay = own("192.0.2.255", 16);
        set4.add(first);
        set4.add(second);
        assertEquals(AddressSet.BROADCAST, set4.kind(0, 0xC00002FFL));
        set4.add(inTheWay);
        assertEquals(AddressSet.OWN, set4.kind(0, 0xC00002FFL));
        set4.remove(first);
        set4.remove(inTheWay);
        assertEquals(AddressSet.BROADCAST, set4.kind(0, 0xC00002FFL));
        set4.remove(second);
        assertEquals(AddressSet.NONE, set4.kind(0, 0xC00002FFL));
        assertEquals(AddressSet.BROADCAST, set4.kind(0, 0xFFFFFFFFL));
    }

    @Test
    @Origin("RFC 4862 5.4")
    void shouldNotUseTentativeAndDuplicatedAddresses() {
        final OwnAddress address = new OwnAddress(IpFamily.V6, 1, 2, 64, AddressState.TENTATIVE);
        set6.add(address);
        assertEquals(AddressSet.NONE, set6.kind(1, 2));
        assertEquals(0, set6.count());
        assertNotNull(set6.find(1, 2));
        // But it is asked for, so its group is joined.
        assertEquals(AddressSet.GROUP, kind(IpAddress.parse("ff02::1:ff00:2")));
        set6.state(address, AddressState.PREFERRED);
        assertEquals(AddressSet.OWN, set6.kind(1, 2));
        assertEquals(1, set6.count());
        set6.state(address, AddressState.DEPRECATED);
        assertEquals(AddressSet.OWN, set6.kind(1, 2));
        set6.state(address, AddressState.DUPLICATED);
        assertEquals(AddressSet.NONE, set6.kind(1, 2));
        assertEquals(AddressSet.NONE, kind(IpAddress.parse("ff02::1:ff00:2")));
        set6.remove(address);
        assertEquals(0, set6.total());
    }

    @Test
    void shouldAgreeWithAMapWhateverComesAndGoes() {
        final SplittableRandom random = new SplittableRandom(1);
        final Map<Long, Integer> groups = new HashMap<>();
        final Map<Long, OwnAddress> addresses = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            final long lo = random.nextInt(300);
            final boolean group = random.nextBoolean();
            if (group && random.nextInt(5) < 3) {
                assertEquals(groups.merge(lo, 1, Integer::sum) == 1, set6.join(0xFF05L << 48, lo));
            } else if (group && groups.containsKey(lo)) {
                final Integer left = groups.merge(lo, -1, (a, b) -> a + b == 0 ? null : a + b);
                assertEquals(left == null, set6.leave(0xFF05L << 48, lo));
            } else if (!group && addresses.containsKey(lo)) {
                set6.remove(addresses.remove(lo));
            } else if (!group) {
                addresses.put(lo, new OwnAddress(IpFamily.V6, 7, lo, 64, AddressState.PREFERRED));
                set6.add(addresses.get(lo));
            }
            if (i % 50 == 0) {
                for (long at = 0; at < 300; at++) {
                    assertEquals(groups.containsKey(at), set6.kind(0xFF05L << 48, at) == AddressSet.GROUP);
                    assertEquals(addresses.containsKey(at), set6.kind(7, at) == AddressSet.OWN);
                }
                assertEquals(addresses.size(), set6.count());
            }
        }
        assertTrue(addresses.size() > 100);
        assertFalse(groups.isEmpty());
    }

    private int kind(final IpAddress address) {
        return set6.kind(address.hi(), address.lo());
    }

    private static OwnAddress own(final String text, final int prefixLength) {
        final IpAddress address = IpAddress.parse(text);
        return new OwnAddress(address.family(), address.hi(), address.lo(), prefixLength, AddressState.PREFERRED);
    }
}
