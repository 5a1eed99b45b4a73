package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** VLAN tags, IEEE 802.1Q and 802.1ad, on the way in and out. */
class VlanTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldTakePriorityTagsButNoVlanWithoutConfiguration() {
        try (StackRig rig = rig(VlanFilter.NONE)) {
            assertAnswered(rig, "", "");
            assertAnswered(rig, "8100 a000", "");
            assertAnswered(rig, "88a8 0000 8100 2000", "");
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("8100 0001"));
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("88a8 0000 8100 0001"));
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("8100 0000 8100 0000 8100 0000"));
            assertEquals(0, rig.sent().size());
        }
    }

    @Test
    void shouldSpeakWithinOneVlan() {
        try (StackRig rig = rig(VlanFilter.of(5))) {
            assertAnswered(rig, "8100 0005", "8100 0005");
            assertAnswered(rig, "8100 f005", "8100 0005");
            assertAnswered(rig, "88a8 0005", "8100 0005");
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged(""));
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("8100 0000"));
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("8100 0006"));
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("8100 0005 8100 0005"));
            assertEquals(0, rig.sent().size());
        }
    }

    @Test
    void shouldSpeakWithinAVlanOfAVlan() {
        try (StackRig rig = rig(VlanFilter.stacked(100, 5))) {
            assertAnswered(rig, "88a8 0064 8100 0005", "88a8 0064 8100 0005");
            assertAnswered(rig, "8100 0064 8100 0005", "88a8 0064 8100 0005");
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("88a8 0064"));
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("88a8 0005 8100 0064"));
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("88a8 0064 8100 0005 8100 0005"));
        }
    }

    @Test
    void shouldTakeEveryVlanWhenTold() {
        try (StackRig rig = rig(VlanFilter.ANY)) {
            assertAnswered(rig, "", "");
            assertAnswered(rig, "8100 0fff", "");
            assertAnswered(rig, "88a8 0064 8100 0005", "");
            rig.assertDropped(StackCounter.RX_OTHER_VLAN, tagged("88a8 0064 8100 0005 8100 0006"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 17, 18, 19, 21})
    void shouldDropFramesThatEndWithinTheirTags(final int length) {
        try (StackRig rig = rig(VlanFilter.ANY)) {
            final byte[] frame = tagged("88a8 0064 8100 0005");
            rig.assertDropped(StackCounter.RX_FRAME_SHORT, Arrays.copyOf(frame, length));
        }
    }

    @Test
    void shouldAskForNeighborsWithinTheVlan() {
        try (StackRig rig = rig(VlanFilter.of(5))) {
            rig.stack
                    .ping(Ipv4Address.parse("192.0.2.9"), (socket, reply) -> {})
                    .send(1, Frames.ofHex("00"), 0, 1);
            final byte[] frame = rig.sentOne();
            assertEquals(0x8100, Bytes.u16(frame, 12));
            assertEquals(5, Bytes.u16(frame, 14));
            assertEquals(0x0806, Bytes.u16(frame, 16));
            assertEquals(14 + 4 + 28, frame.length);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "4095", "-1"})
    void shouldRefuseIdsThatNameNoVlan(final int id) {
        assertThrows(IllegalArgumentException.class, () -> VlanFilter.of(id));
        assertThrows(IllegalArgumentException.class, () -> VlanFilter.stacked(1, id));
    }

    @Test
    void shouldRefuseVlansOnAMediumWithoutFrames() {
        final InterfaceConfig config = InterfaceConfig.of("192.0.2.1/24").withVlan(5);
        assertThrows(
                IllegalArgumentException.class, () -> new StackRig(pools, Medium.IP, StackConfig.defaults(), config));
    }

    private static void assertAnswered(final StackRig rig, final String tags, final String expected) {
        rig.receive(tagged(tags));
        final byte[] answer = rig.sentOne();
        final byte[] tag = Bytes.hex(expected);
        assertArrayEquals(tag, Arrays.copyOfRange(answer, 12, 12 + tag.length));
        assertEquals(0x0806, Bytes.u16(answer, 12 + tag.length));
        assertEquals(14 + tag.length + 28, answer.length);
    }

    /** An ARP request for the stack's address, with tags in front of its EtherType. */
    private static byte[] tagged(final String tags) {
        final byte[] arp = Bytes.arp(1, "02:00:00:00:00:02", "192.0.2.2", "00:00:00:00:00:00", "192.0.2.1");
        return Bytes.join(
                Bytes.mac("02:00:00:00:00:01"),
                Bytes.mac("02:00:00:00:00:02"),
                Bytes.hex(tags),
                Bytes.hex("0806"),
                arp);
    }

    private StackRig rig(final VlanFilter vlan) {
        return new StackRig(
                pools,
                Medium.ETHERNET,
                StackConfig.defaults(),
                InterfaceConfig.of("192.0.2.1/24").withVlan(vlan));
    }
}
