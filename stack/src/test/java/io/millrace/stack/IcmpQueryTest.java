package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.port.Medium;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often echo requests are answered, and when timestamp requests are. */
class IcmpQueryTest {
    private static final String US = "192.0.2.1";
    private static final String US6 = "2001:db8::1";
    private static final String PEER = "192.0.2.2";
    private static final String PEER6 = "2001:db8:0:1::2";
    private static final byte[] TIMES = Bytes.hex("00012345 00000000 00000000");

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    /** A quarter of all answers at most goes to one source. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 4443 2.4")
    void shouldLimitTheRateOfEchoReplies(final boolean v4) {
        try (StackRig rig = rig(StackConfig.defaults().withIcmpLimits(1, 1, 40))) {
            int answered = 0;
            for (int i = 0; i < 100; i++) {
                rig.receive(echo(v4, v4 ? PEER : PEER6));
                answered += rig.sent().size();
            }
            assertEquals(10, answered, 2, "to one source");
            assertEquals(100 - answered, rig.count(StackCounter.ICMP_ECHO_RATE_LIMITED));
            for (int i = 3; i < 103; i++) {
                rig.receive(echo(v4, v4 ? "192.0.2." + i : "2001:db8:0:" + i + "::2"));
                answered += rig.sent().size();
            }
            assertEquals(40, answered, 2, "to all sources");
            assertEquals(answered, rig.count(StackCounter.ECHO_REPLIES_SENT));
            rig.advance(1_000_000);
            rig.receive(echo(v4, v4 ? PEER : PEER6));
            assertEquals(1, rig.sent().size());
        }
    }

    /** The difference of the type makes the checksum 0, which of zeros only is wrong. */
    @Test
    @Origin("RFC 1624 3")
    void shouldAnswerAnEchoRequestOfZerosWithAChecksumThatVerifies() {
        try (StackRig rig = rig(StackConfig.defaults())) {
            for (final int data : new int[] {0, 4}) {
                rig.receive(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(8, 0, 0, new byte[data])));
                assertArrayEquals(Bytes.icmpv4(0, 0, 0, new byte[data]), Bytes.from(rig.sentOne(), 20));
            }
        }
    }

    @Test
    @Origin("RFC 1122 3.2.2.8")
    void shouldAnswerTimestampRequestsWhenToldTo() {
        try (StackRig rig = rig(StackConfig.defaults().withTimestampReplies(true))) {
            rig.clock.advance(5_000);
            rig.receive(request(TIMES));
            final byte[] answer = rig.sentOne();
            final int time = (int) (rig.clock.now() / 1000) | 0x8000_0000;
            final byte[] times = Bytes.hex("00012345" + "%08x%08x".formatted(time, time));
            assertArrayEquals(Bytes.icmpv4(14, 0, 0x1234_0007, times), Bytes.from(answer, 20));
            assertArrayEquals(Bytes.address(US), Arrays.copyOfRange(answer, 12, 16));
            assertArrayEquals(Bytes.address(PEER), Arrays.copyOfRange(answer, 16, 20));
            assertEquals(1, rig.count(StackCounter.TIMESTAMP_REPLIES_SENT));
            assertEquals(0, rig.count(StackCounter.ECHO_REPLIES_SENT));
            // What follows the times is not part of the message.
            rig.receive(request(Bytes.join(TIMES, new byte[] {1, 2, 3})));
            assertEquals(40, rig.sentOne().length);
        }
    }

    @Test
    @Origin("RFC 1122 3.2.2.8")
    void shouldNotAnswerTimestampRequestsThatAreShortOrForEveryone() {
        try (StackRig rig = rig(StackConfig.defaults().withTimestampReplies(true))) {
            rig.assertDropped(StackCounter.ICMP_TRUNCATED, request(Arrays.copyOf(TIMES, 11)));
            final byte[] message = Bytes.icmpv4(13, 0, 0x1234_0007, TIMES);
            rig.assertDropped(StackCounter.ICMP_ECHO_BROADCAST, Bytes.ipv4(PEER, "192.0.2.255", 1, message));
            rig.assertDropped(StackCounter.ICMP_ECHO_BROADCAST, Bytes.ipv4(PEER, "224.0.0.1", 1, message));
            assertEquals(0, rig.sent().size());
        }
    }

    @Test
    void shouldLimitTheRateOfTimestampRepliesAsThatOfEchoReplies() {
        try (StackRig rig = rig(StackConfig.defaults().withIcmpLimits(1, 1, 4).withTimestampReplies(true))) {
            rig.receive(request(TIMES));
            assertEquals(1, rig.sent().size());
            rig.assertDropped(StackCounter.ICMP_ECHO_RATE_LIMITED, request(TIMES));
            rig.assertDropped(StackCounter.ICMP_ECHO_RATE_LIMITED, echo(true, PEER));
        }
    }

    /** A timestamp tells a stranger a clock. */
    @Test
    void shouldNotAnswerTimestampRequestsUntold() {
        try (StackRig rig = rig(StackConfig.defaults())) {
            rig.assertDropped(StackCounter.ICMP_UNHANDLED, request(TIMES));
            assertEquals(0, rig.sent().size());
        }
    }

    private static byte[] request(final byte[] times) {
        return Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(13, 0, 0x1234_0007, times));
    }

    private static byte[] echo(final boolean v4, final String from) {
        return v4
                ? Bytes.ipv4(from, US, 1, Bytes.icmpv4(8, 0, 1, TIMES))
                : Bytes.ipv6(from, US6, 58, Bytes.icmpv6(from, US6, 128, 0, 1, TIMES));
    }

    private StackRig rig(final StackConfig config) {
        return new StackRig(pools, Medium.IP, config, InterfaceConfig.of(US + "/24", US6 + "/32"));
    }
}
