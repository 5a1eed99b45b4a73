package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.node.HostPath;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.NodeHarness;
import io.millrace.testkit.PoolWatch;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which packets are the host's, and which the router's. The router is 10.0.0.1 and 2001:db8::1. */
final class HostPathTest {
    private static final String LINK = "020000000001020000000002";
    private static final String OWN6 = "20010db8000000000000000000000001";
    private static final String PEER6 = "20010db8000000000000000000000002";
    private static final String REST = "0".repeat(48);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(16);
    private final HostPath path = new HostPath("host", 2);
    private final NodeHarness node = NodeHarness.of(path, cache);

    @BeforeEach
    void addAddresses() {
        path.add(IpAddress.parse("10.0.0.1"));
        path.add(IpAddress.parse("2001:db8::1"));
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static String ipv4(final String dst) {
        return LINK + "08004500001c0000400040060000" + "0a000002" + dst + "0000000000000000";
    }

    /** Next header, destination, ICMPv6 type and target. */
    private static String ipv6(final String next, final String dst, final String type, final String target) {
        return LINK + "86dd60000000" + "0018" + next + "ff" + PEER6 + dst + type + "00000000000000" + target;
    }

    private static String arp(final String operation, final String target) {
        return LINK + "0806" + "000108000604" + operation + "0200000000020a000002" + "000000000000" + target;
    }

    private void assertGoes(final String frame, final boolean host, final boolean router) {
        node.frame(1, frame).poll(0);
        assertEquals(host ? List.of(frame) : List.of(), node.out("host1"), "to the host");
        assertEquals(router ? List.of(frame) : List.of(), node.out("router"), "to the router");
        assertEquals(List.of(), node.out("host0"));
    }

    @Test
    void shouldSendTheHostWhatIsAddressedToIt() {
        assertGoes(ipv4("0a000001"), true, false);
        assertGoes(ipv6("06", OWN6, "00", PEER6), true, false);
        assertGoes(ipv6("3a", OWN6, "80", PEER6), true, false);
        path.remove(IpAddress.parse("10.0.0.1"));
        assertGoes(ipv4("0a000001"), false, true);
    }

    @Test
    void shouldLeaveTheRouterWhatIsForOthers() {
        assertGoes(ipv4("0a000107"), false, true);
        assertGoes(ipv6("3a", PEER6, "80", PEER6), false, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"e0000005", "ffffffff", "ef010203"})
    void shouldSendTheHostGroupsAndBroadcasts(final String dst) {
        assertGoes(ipv4(dst), true, false);
    }

    @Test
    void shouldSendTheHostGroupsOfIpv6AndRouterSolicitations() {
        assertGoes(ipv6("59", "ff020000000000000000000000000005", "00", PEER6), true, false);
        assertGoes(ipv6("3a", "ff020000000000000000000000000002", "85", PEER6), true, false);
    }

    @Test
    void shouldLetTheRouterAloneAnswerForOwnAddresses() {
        assertGoes(arp("0001", "0a000001"), false, true);
        assertGoes(ipv6("3a", "ff0200000000000000000001ff000001", "87", OWN6), false, true);
        assertGoes(ipv6("3a", OWN6, "87", OWN6), false, true);
    }

    @Test
    void shouldGiveBothWhatTheyLearnNeighboursFrom() {
        assertGoes(arp("0002", "0a000001"), true, true);
        assertGoes(arp("0001", "0a000009"), true, true);
        assertGoes(ipv6("3a", OWN6, "88", PEER6), true, true);
        assertGoes(ipv6("3a", "ff0200000000000000000001ff000009", "87", PEER6), true, true);
        assertEquals(4, node.counted("copied"));
    }

    /** Frames of the port's VLAN, that is; all others the router counts as such. */
    @Test
    void shouldLookBehindTheTagsOfThePortsVlan() {
        path.vlan(1, VlanFilter.of(5));
        final String tagged = LINK + "81000005";
        final String own = ipv4("0a000001").substring(LINK.length());
        assertGoes(tagged + own, true, false);
        assertGoes(tagged + ipv4("0a000107").substring(LINK.length()), false, true);
        assertGoes(tagged + arp("0002", "0a000001").substring(LINK.length()), true, true);
        assertGoes(tagged + arp("0001", "0a000001").substring(LINK.length()), false, true);
        assertGoes(tagged + ipv6("3a", OWN6, "80", PEER6).substring(LINK.length()), true, false);
        assertGoes(tagged + "88cc" + REST, true, false);
        assertGoes(LINK + own, false, true);
        assertGoes(LINK + "81000006" + own, false, true);
        assertGoes(LINK + "8100", false, true);
        assertGoes("0200", false, true);
    }

    @Test
    void shouldSendTheHostOtherProtocolsAndVlansAndTheRouterWhatIsCutOff() {
        assertGoes(LINK + "88cc" + REST, true, false);
        assertGoes(LINK + "810000050806" + REST, true, false);
        assertGoes(LINK + "88a80005810000060800" + REST, true, false);
        assertGoes(LINK + "810080000806" + REST, false, true); // a priority, but no VLAN
        assertGoes(LINK + "8100", false, true);
        assertGoes(LINK + "0800450000", false, true);
        assertGoes(LINK + "86dd6000", false, true);
        assertGoes(LINK + "0806" + "0001", false, true);
        assertGoes("0200", false, true);
    }

    @Test
    void shouldCountCopiesForWhichThereIsNoBuffer() {
        final String reply = arp("0002", "0a000001");
        node.frame(1, reply);
        final long[] rest = new long[16];
        int taken = 0;
        for (long handle = cache.allocate(); handle != PacketPool.NONE; handle = cache.allocate()) {
            rest[taken++] = handle;
        }
        node.poll(0);
        assertEquals(1, node.dropped("noBuffer"));
        assertEquals(List.of(reply), node.out("router"), "the packet itself goes on");
        cache.free(rest, 0, taken);
    }

    @Test
    void shouldDropWhatComesFromAPortThatThereIsNot() {
        node.frame(2, ipv4("0a000001")).poll(0);
        assertEquals(1, node.dropped("unknownPort"));
    }
}
