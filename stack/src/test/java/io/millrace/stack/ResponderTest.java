package io.millrace.stack;

import static io.millrace.stack.Bytes.arp;
import static io.millrace.stack.Bytes.ethernet;
import static io.millrace.stack.Bytes.icmpv4;
import static io.millrace.stack.Bytes.icmpv6;
import static io.millrace.stack.Bytes.ipv4;
import static io.millrace.stack.Bytes.ipv6;
import static io.millrace.stack.Bytes.join;
import static io.millrace.stack.Bytes.linkAddress;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.node.Responder;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.NodeHarness;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ResponderTest {
    private static final String OWN = "02:00:00:00:00:01";
    private static final String PEER = "02:00:00:00:00:02";
    private static final String ALL = "ff:ff:ff:ff:ff:ff";
    private static final String NONE = "00:00:00:00:00:00";
    private static final String GROUP = "33:33:ff:00:00:01";
    private static final byte[] DATA = {1, 2, 3, 4, 5};

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(32);
    private final Responder responder = new Responder("responder", MacAddress.parse(OWN));
    private final NodeHarness node = NodeHarness.of(responder, cache);

    @BeforeEach
    void addAddresses() {
        assertTrue(responder.add(IpAddress.parse("10.0.0.1")));
        assertTrue(responder.add(IpAddress.parse("2001:db8::1")));
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void receive(final byte[] frame) {
        node.frame(0, hex(frame)).poll(0);
    }

    private static String hex(final byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private void assertReply(final byte[] frame) {
        assertEquals(List.of(hex(frame)), node.out("reply"));
        assertEquals(List.of(), node.out("rest"));
    }

    private void assertPassed(final byte[] frame) {
        receive(frame);
        assertEquals(List.of(), node.out("reply"));
        assertEquals(List.of(hex(frame)), node.out("rest"));
    }

    private void assertDropped(final String reason, final byte[] frame) {
        final long before = node.dropped(reason);
        receive(frame);
        assertEquals(before + 1, node.dropped(reason));
        assertEquals(0, node.out("reply").size() + node.out("rest").size());
    }

    private static byte[] arpRequest(final String target) {
        return ethernet(ALL, PEER, 0x0806, arp(1, PEER, "10.0.0.2", NONE, target));
    }

    private static byte[] echo4(final int type, final String src, final String dst) {
        final byte[] packet = ipv4(src, dst, 1, icmpv4(type, 0, 0x12340001, DATA));
        packet[8] = type == 0 ? 64 : (byte) 17;
        return Bytes.sealIpv4(packet);
    }

    private static byte[] echo6(final int type, final String src, final String dst) {
        final byte[] packet = ipv6(src, dst, 58, icmpv6(src, dst, type, 0, 0x12340001, DATA));
        packet[7] = type == 129 ? 64 : (byte) 17;
        return packet;
    }

    private static byte[] solicitation(final String src, final String target, final byte[] option) {
        final byte[] body = join(Bytes.address(target), option);
        return ipv6(src, "ff02::1:ff00:1", 58, icmpv6(src, "ff02::1:ff00:1", 135, 0, 0, body));
    }

    private static byte[] advertisement(final String dst, final int flags) {
        final byte[] body = join(Bytes.address("2001:db8::1"), linkAddress(2, OWN));
        return ipv6("2001:db8::1", dst, 58, icmpv6("2001:db8::1", dst, 136, 0, flags, body));
    }

    @Test
    void shouldAnswerWhenAskedByArp() {
        receive(arpRequest("10.0.0.1"));
        assertReply(ethernet(PEER, OWN, 0x0806, arp(2, OWN, "10.0.0.1", PEER, "10.0.0.2")));
        assertEquals(1, node.counted("arpReplies"));
    }

    @Test
    void shouldPassArpWhenItIsNotForUs() {
        assertPassed(arpRequest("10.0.0.3"));
        assertPassed(ethernet(OWN, PEER, 0x0806, arp(2, PEER, "10.0.0.2", OWN, "10.0.0.1")));
    }

    @Test
    void shouldKeepTheTagsWhenTheQuestionHasSome() {
        final byte[] question = arpRequest("10.0.0.1");
        receive(join(Arrays.copyOf(question, 12), Bytes.hex("88a8 0064 8100 0007"), Bytes.from(question, 12)));
        final byte[] reply = ethernet(PEER, OWN, 0x0806, arp(2, OWN, "10.0.0.1", PEER, "10.0.0.2"));
        assertReply(join(Arrays.copyOf(reply, 12), Bytes.hex("88a8 0064 8100 0007"), Bytes.from(reply, 12)));
    }

    @Test
    void shouldAnswerAnEchoRequestAndCutItsPadding() {
        final byte[] question = echo4(8, "10.0.0.2", "10.0.0.1");
        receive(join(ethernet(OWN, PEER, 0x0800, question), new byte[9]));
        assertReply(ethernet(PEER, OWN, 0x0800, echo4(0, "10.0.0.1", "10.0.0.2")));
        assertEquals(1, node.counted("echoReplies4"));
    }

    @Test
    void shouldAnswerAnEchoRequestOfZerosWithAChecksumThatVerifies() {
        final byte[] question = ipv4("10.0.0.2", "10.0.0.1", 1, icmpv4(8, 0, 0, new byte[0]));
        receive(ethernet(OWN, PEER, 0x0800, question));
        final byte[] answer = ipv4("10.0.0.1", "10.0.0.2", 1, icmpv4(0, 0, 0, new byte[0]));
        answer[8] = 64;
        assertReply(ethernet(PEER, OWN, 0x0800, Bytes.sealIpv4(answer)));
    }

    @Test
    void shouldAnswerAnEchoRequestOverIpv6() {
        receive(ethernet(OWN, PEER, 0x86DD, echo6(128, "2001:db8::2", "2001:db8::1")));
        assertReply(ethernet(PEER, OWN, 0x86DD, echo6(129, "2001:db8::1", "2001:db8::2")));
        assertEquals(1, node.counted("echoReplies6"));
    }

    @Test
    void shouldNotAnswerAnEchoRequestWhenItIsDamaged() {
        final byte[] v4 = ethernet(OWN, PEER, 0x0800, echo4(8, "10.0.0.2", "10.0.0.1"));
        assertDropped("malformed", Bytes.with(v4, v4.length - 1, 99));
        assertDropped("malformed", Bytes.with(v4, 14 + 8, 99));
        final byte[] v6 = ethernet(OWN, PEER, 0x86DD, echo6(128, "2001:db8::2", "2001:db8::1"));
        assertDropped("malformed", Bytes.with(v6, v6.length - 1, 99));
        assertDropped("malformed", Arrays.copyOf(v6, v6.length - 1));
    }

    @Test
    void shouldNotAnswerWhenTheSourceIsNoHost() {
        assertDropped("badSource", ethernet(OWN, PEER, 0x0800, echo4(8, "224.0.0.1", "10.0.0.1")));
        assertDropped("badSource", ethernet(OWN, PEER, 0x0800, echo4(8, "255.255.255.255", "10.0.0.1")));
        assertDropped("badSource", ethernet(OWN, PEER, 0x0800, echo4(8, "127.0.0.1", "10.0.0.1")));
        assertDropped("badSource", ethernet(OWN, PEER, 0x86DD, echo6(128, "ff02::1", "2001:db8::1")));
        assertDropped("badSource", ethernet(OWN, PEER, 0x86DD, echo6(128, "::", "2001:db8::1")));
        assertDropped("badSource", ethernet(ALL, PEER, 0x0806, arp(1, ALL, "10.0.0.2", NONE, "10.0.0.1")));
    }

    @Test
    void shouldPassWhatIsNoQuestion() {
        assertPassed(ethernet(OWN, PEER, 0x0800, echo4(0, "10.0.0.2", "10.0.0.1")));
        assertPassed(ethernet(OWN, PEER, 0x0800, echo4(8, "10.0.0.2", "10.0.0.9")));
        assertPassed(ethernet(ALL, PEER, 0x0800, echo4(8, "10.0.0.2", "10.0.0.1")));
        assertPassed(ethernet("02:00:00:00:00:09", PEER, 0x0800, echo4(8, "10.0.0.2", "10.0.0.1")));
        assertPassed(ethernet(OWN, PEER, 0x88CC, DATA));
        assertPassed(ethernet(OWN, PEER, 0x86DD, ipv6("2001:db8::2", "2001:db8::1", 17, DATA)));
        final byte[] fragment = echo4(8, "10.0.0.2", "10.0.0.1");
        fragment[6] = 0x20;
        assertPassed(ethernet(OWN, PEER, 0x0800, Bytes.sealIpv4(fragment)));
    }

    @Test
    void shouldAdvertiseWhenSolicited() {
        receive(ethernet(GROUP, PEER, 0x86DD, solicitation("2001:db8::2", "2001:db8::1", linkAddress(1, PEER))));
        assertReply(ethernet(PEER, OWN, 0x86DD, advertisement("2001:db8::2", 0x6000_0000)));
        receive(ethernet(GROUP, PEER, 0x86DD, solicitation("2001:db8::2", "2001:db8::1", new byte[0])));
        assertReply(ethernet(PEER, OWN, 0x86DD, advertisement("2001:db8::2", 0x6000_0000)));
        assertEquals(2, node.counted("neighborAdvertisements"));
    }

    @Test
    void shouldTellEverybodyWhenSomebodyProbesForOurAddress() {
        receive(ethernet(GROUP, PEER, 0x86DD, solicitation("::", "2001:db8::1", new byte[0])));
        assertReply(ethernet("33:33:00:00:00:01", OWN, 0x86DD, advertisement("ff02::1", 0x2000_0000)));
    }

    @Test
    void shouldDropSolicitationsWhenTheyAreNotAsTheyMustBe() {
        final byte[] good =
                ethernet(GROUP, PEER, 0x86DD, solicitation("2001:db8::2", "2001:db8::1", linkAddress(1, PEER)));
        assertDropped("malformed", Bytes.with(good, 14 + 7, 254));
        assertDropped("malformed", Bytes.with(good, 14 + 40 + 2, 0));
        assertDropped(
                "malformed", ethernet(GROUP, PEER, 0x86DD, solicitation("::", "2001:db8::1", linkAddress(1, PEER))));
        assertDropped(
                "malformed", ethernet(GROUP, PEER, 0x86DD, solicitation("2001:db8::2", "2001:db8::1", new byte[8])));
        assertDropped(
                "badSource",
                ethernet(GROUP, PEER, 0x86DD, solicitation("2001:db8::2", "2001:db8::1", linkAddress(1, ALL))));
    }

    @Test
    void shouldAnswerForAsLongAsItHasTheAddress() {
        assertFalse(responder.remove(IpAddress.parse("10.0.0.7")));
        assertTrue(responder.remove(IpAddress.parse("10.0.0.1")));
        assertPassed(arpRequest("10.0.0.1"));
        for (int i = 10; i < 200; i++) {
            assertTrue(responder.add(IpAddress.parse("10.0.0." + i)));
            assertTrue(responder.add(IpAddress.parse("2001:db8:" + i + "::1")));
        }
        assertEquals(2 * 190 + 1, responder.addresses().size());
        receive(arpRequest("10.0.0.150"));
        assertReply(ethernet(PEER, OWN, 0x0806, arp(2, OWN, "10.0.0.150", PEER, "10.0.0.2")));
        assertThrows(IllegalArgumentException.class, () -> responder.add(IpAddress.parse("224.0.0.1")));
    }

    @Test
    void shouldChangeSeveralOrNoneWhenOneIsFull() {
        final Responder full = new Responder("full", MacAddress.parse(PEER));
        for (int i = 0; i < Responder.MAX_ADDRESSES; i++) {
            assertTrue(full.add(new Ipv4Address(0x0A01_0000 + i)));
        }
        final List<IpAddress> before = responder.addresses();
        final List<Responder> both = List.of(responder, full);
        assertFalse(Responder.addToAll(both, IpAddress.parse("10.0.0.2")));
        final IpAddress group = IpAddress.parse("224.0.0.1");
        assertThrows(IllegalArgumentException.class, () -> Responder.addToAll(both, group));
        assertEquals(before, responder.addresses());
        assertEquals(Responder.MAX_ADDRESSES, full.addresses().size());

        final IpAddress known = IpAddress.parse("10.1.0.1");
        assertTrue(Responder.addToAll(both, known), "the full one has it already");
        assertTrue(responder.addresses().contains(known));
        assertTrue(Responder.removeFromAll(both, IpAddress.parse("10.0.0.1")), "one of them had it");
        assertFalse(Responder.removeFromAll(both, IpAddress.parse("10.0.0.1")));
    }

    @Test
    void shouldSurviveWhateverComes() {
        final byte[][] seeds = {
            arpRequest("10.0.0.1"),
            ethernet(OWN, PEER, 0x0800, echo4(8, "10.0.0.2", "10.0.0.1")),
            ethernet(OWN, PEER, 0x86DD, echo6(128, "2001:db8::2", "2001:db8::1")),
            ethernet(GROUP, PEER, 0x86DD, solicitation("2001:db8::2", "2001:db8::1", linkAddress(1, PEER)))
        };
        final Random random = new Random(5);
        int out = 0;
        for (int i = 0; i < 20_000; i++) {
            final byte[] seed = seeds[random.nextInt(seeds.length)];
            final byte[] frame = Arrays.copyOf(seed, 1 + random.nextInt(seed.length + 8));
            for (int change = random.nextInt(3); change > 0; change--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
            }
            receive(frame);
            out += node.out("reply").size() + node.out("rest").size();
        }
        final long dropped = node.dropped("tooShort") + node.dropped("malformed") + node.dropped("badSource");
        assertEquals(20_000, out + dropped);
    }
}
