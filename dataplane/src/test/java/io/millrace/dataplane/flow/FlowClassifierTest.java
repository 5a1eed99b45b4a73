package io.millrace.dataplane.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.testkit.Frames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FlowClassifierTest {
    private static final int SHARDS = 128;
    private static final String MACS = "020000000001 020000000002";
    private static final String A4 = "0a000001";
    private static final String B4 = "0a000002";
    private static final String A6 = "fd00000000000000 0000000000000001";
    private static final String B6 = "fd00000000000000 0000000000000002";
    private static final String TO_B = "9c40 0050 00000000 00000000";
    private static final String TO_A = "0050 9c40 00000000 00000000";

    private final FlowHash hash = new FlowHash(0x6D5B);
    private final FlowKey key = new FlowKey();

    /** Shard of the flow from A, port 40000, to B, port 80. */
    private final int flow4 = FlowHash.shard(hash.hash(0, 0x0A000001, 0, 0x0A000002, 0x9C40_0050), SHARDS);

    private final int flow6 =
            FlowHash.shard(hash.hash(0xFD00_0000_0000_0000L, 1, 0xFD00_0000_0000_0000L, 2, 0x9C40_0050), SHARDS);

    /** Shard of whatever else passes between A and B. */
    private final int pair4 = FlowHash.shard(hash.hash(0, 0x0A000001, 0, 0x0A000002, 0), SHARDS);

    private int shard(final Medium medium, final String hex) {
        final MemorySegment packet = Frames.ofHex(hex);
        return shard(medium, packet, (int) packet.byteSize());
    }

    private int shard(final Medium medium, final MemorySegment packet, final int length) {
        final int kind = FlowClassifier.classify(medium, packet, 0, length, key);
        return switch (kind) {
            case FlowClassifier.FLOW -> FlowHash.shard(key.hash(hash), SHARDS);
            case FlowClassifier.FRAGMENT -> FlowHash.shard(key.hashOfAddresses(hash), SHARDS);
            default -> kind;
        };
    }

    private static String v4(
            final int protocol, final String fragment, final String src, final String dst, final String payload) {
        return "4500 0000 0000 %s 40 %02x 0000 %s %s %s".formatted(fragment, protocol, src, dst, payload);
    }

    private static String v6(final int next, final String src, final String dst, final String payload) {
        return "60000000 0000 %02x 40 %s %s %s".formatted(next, src, dst, payload);
    }

    @ParameterizedTest
    @CsvSource({"6", "17"})
    void shouldKeepBothDirectionsOfAFlowTogether(final int protocol) {
        assertNotEquals(flow4, pair4, "or the test shows nothing");
        assertEquals(flow4, shard(Medium.IP, v4(protocol, "4000", A4, B4, TO_B)));
        assertEquals(flow4, shard(Medium.IP, v4(protocol, "0000", B4, A4, TO_A)));
        assertEquals(flow4, shard(Medium.ETHERNET, MACS + "0800" + v4(protocol, "4000", A4, B4, TO_B)));
        assertEquals(flow6, shard(Medium.IP, v6(protocol, A6, B6, TO_B)));
        assertEquals(flow6, shard(Medium.ETHERNET, MACS + "86dd" + v6(protocol, B6, A6, TO_A)));
    }

    @Test
    void shouldFindPortsBehindOptionsAndExtensionHeaders() {
        assertEquals(flow4, shard(Medium.IP, "4600 0000 0000 0000 4006 0000" + A4 + B4 + "01010101" + TO_B));
        assertEquals(
                flow6, shard(Medium.IP, v6(0, A6, B6, "3c00 000000000000  0601 0000000000000000000000000000" + TO_B)));
    }

    @ParameterizedTest
    @CsvSource({"2000", "0001", "3fff"})
    void shouldKeepFragmentsTogether(final String fragment) {
        assertEquals(pair4, shard(Medium.IP, v4(17, fragment, A4, B4, TO_B)));
    }

    @Test
    void shouldSendErrorsWhereThePacketTheyQuoteBelongs() {
        // A router says to A that its packet to B did not arrive.
        final String router = "0a0000fe";
        for (final String type : new String[] {"03", "04", "05", "0b", "0c"}) {
            final String error = type + "01 0000 00000000" + v4(6, "4000", A4, B4, TO_B);
            assertEquals(flow4, shard(Medium.IP, v4(1, "0000", router, A4, error)), "type " + type);
        }
        for (final String type : new String[] {"01", "02", "03", "04"}) {
            final String error = type + "00 0000 00000000" + v6(6, A6, B6, TO_B);
            assertEquals(
                    flow6, shard(Medium.IP, v6(58, "fd00000000000000 00000000000000fe", A6, error)), "type " + type);
        }
    }

    @Test
    void shouldFollowOnlyOneQuotation() {
        final String inner = "0300 0000 00000000" + v4(6, "0000", A4, B4, TO_B);
        final String outer = "0300 0000 00000000" + v4(1, "0000", A4, B4, inner);
        assertEquals(pair4, shard(Medium.IP, v4(1, "0000", "0a0000fe", A4, outer)));
    }

    @ParameterizedTest
    @CsvSource({"0001, 0", "0002, -1", "0003, 0"})
    void shouldShareArpRepliesOnly(final String operation, final int expected) {
        final String arp = MACS + "0806 0001 0800 0604" + operation + "0".repeat(40);
        assertEquals(expected, shard(Medium.ETHERNET, arp));
    }

    @ParameterizedTest
    @CsvSource({"85, 0", "86, -1", "87, 0", "88, -1", "89, -1"})
    void shouldShareAdvertisementsAndRedirectsOfNeighbourDiscovery(final String type, final int expected) {
        assertEquals(expected, shard(Medium.IP, v6(58, A6, B6, type + "00 0000 00000000")));
    }

    @Test
    void shouldSpreadEchoRequestsByAddressAndRepliesByIdentifier() {
        assertEquals(pair4, shard(Medium.IP, v4(1, "0000", A4, B4, "0800 0000 1234 0001")));
        final int asked = FlowHash.shard(hash.hash(0, 0, 0, 0, 0x1234), SHARDS);
        assertEquals(asked, shard(Medium.IP, v4(1, "0000", A4, B4, "0000 0000 1234 0001")));
        assertEquals(asked, shard(Medium.IP, v6(58, A6, B6, "8100 0000 1234 0001")));
        assertEquals(pair4, shard(Medium.IP, v4(1, "0000", A4, B4, "0800 0000 1234 0001")), "the key is reused");
        // What an error quotes is our request, whoever was asked.
        final String quoted4 = v4(1, "0000", A4, B4, "0800 0000 1234 0001");
        assertEquals(asked, shard(Medium.IP, v4(1, "0000", "0a0000fe", A4, "0b00 0000 00000000" + quoted4)));
        final String quoted6 = v6(58, A6, B6, "8000 0000 1234 0001");
        assertEquals(asked, shard(Medium.IP, v6(58, B6, A6, "0300 0000 00000000" + quoted6)));
    }

    @Test
    void shouldGiveTheFirstShardWhatItDoesNotKnow() {
        assertEquals(0, shard(Medium.ETHERNET, MACS + "88cc 0000"));
        assertEquals(0, shard(Medium.IP, "5000"));
        assertEquals(0, shard(Medium.IP, ""));
    }

    @Test
    void shouldStayWithinThePacketWhateverItHolds() {
        final SplittableRandom random = new SplittableRandom(5);
        final List<MemorySegment> good = Stream.of(
                        MACS + "0800" + v4(6, "0000", A4, B4, TO_B),
                        MACS + "0800" + v4(1, "0000", A4, B4, "0300 0000 00000000" + v4(6, "0000", A4, B4, TO_B)),
                        MACS + "86dd" + v6(0, A6, B6, "3c00 000000000000 0600 000000000000" + TO_B),
                        MACS + "86dd" + v6(58, A6, B6, "0100 0000 00000000" + v6(17, A6, B6, TO_B)),
                        MACS + "0806 0001 0800 0604 0002" + "0".repeat(40))
                .map(Frames::ofHex)
                .toList();
        final MemorySegment packet = Frames.ofBytes(new byte[256]);
        for (int i = 0; i < 200_000; i++) {
            final MemorySegment original = good.get(i % good.size());
            packet.copyFrom(original);
            for (int j = random.nextInt(4); j >= 0; j--) {
                packet.set(ValueLayout.JAVA_BYTE, random.nextLong(original.byteSize()), (byte) random.nextInt());
            }
            final int length = random.nextInt((int) original.byteSize() + 1);
            // A segment of just this length refuses every read behind it.
            final Medium medium = i % 7 == 0 ? Medium.IP : Medium.ETHERNET;
            final int shard = shard(medium, packet.asSlice(0, length), length);
            assertTrue(shard >= -1 && shard < SHARDS);
        }
    }

    @Test
    void shouldLookBehindVlanTags() {
        final String ip = v4(6, "4000", A4, B4, TO_B);
        assertEquals(flow4, shard(Medium.ETHERNET, MACS + "8100 0007 0800" + ip));
        assertEquals(flow4, shard(Medium.ETHERNET, MACS + "88a8 0007 8100 0008 0800" + ip));
        assertEquals(0, shard(Medium.ETHERNET, MACS + "8100 0007 8100 0007 8100 0007 0800" + ip), "a third tag");
        assertEquals(-1, shard(Medium.ETHERNET, MACS + "8100 0007 0806 0001 0800 0604 0002" + "0".repeat(40)));
    }

    @Test
    void shouldTellOfAFirstFragmentWhatItsDatagramIs() {
        assertEquals(pair4, shard(Medium.IP, v4(17, "2000", A4, B4, TO_B)));
        assertTrue(key.start);
        assertEquals(FlowClassifier.FLOW, key.whole);
        assertEquals(0x9C40_0050, key.ports);
        assertEquals(pair4, shard(Medium.IP, v4(1, "2000", A4, B4, "0000 0000 12340000")));
        assertEquals(FlowClassifier.FLOW, key.whole);
        assertTrue(key.echo, "an echo reply");
        assertEquals(0x1234, key.ports);
        assertEquals(pair4, shard(Medium.IP, v4(17, "2001", A4, B4, TO_B)));
        assertFalse(key.start);
        assertEquals(
                FlowClassifier.FRAGMENT,
                FlowClassifier.classify(
                        Medium.IP, Frames.ofHex(v6(44, A6, B6, "1100 0001 00000007" + TO_B)), 0, 60, key));
        assertTrue(key.start);
        assertEquals(7, key.fragmentId);
        assertEquals(17, key.protocol);
        assertEquals(0x9C40_0050, key.ports);
    }

    @Test
    void shouldTakeADatagramInOneFragmentAsAWhole() {
        assertEquals(flow6, shard(Medium.IP, v6(44, A6, B6, "1100 0000 00000007" + TO_B)));
    }
}
