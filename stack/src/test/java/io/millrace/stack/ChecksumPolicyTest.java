package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.ChecksumMode;
import io.millrace.stack.iface.ChecksumPolicy;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which checksums an interface checks and writes, by protocol. */
class ChecksumPolicyTest {
    private static final String US4 = "192.0.2.1";
    private static final String PEER4 = "192.0.2.2";
    private static final String US6 = "2001:db8::1";
    private static final String PEER6 = "2001:db8::2";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @EnumSource(ChecksumMode.class)
    void shouldFollowThePolicyOfUdp(final ChecksumMode mode) {
        try (StackRig rig = rig(ChecksumPolicy.BOTH.withUdp(mode))) {
            for (final String us : new String[] {US4, US6}) {
                rig.stack.bind(
                        new Endpoint<>(IpAddress.parse(us), 7),
                        (socket, datagram) -> datagram.reply(datagram.length()));
                final byte[] packet = udp(us);
                assertChecked(rig, StackCounter.UDP_BAD_CHECKSUM, mode, packet, upper(packet));
                if (us.equals(US6)) {
                    Bytes.put16(packet, upper(packet), 0);
                    assertJudged(rig, StackCounter.UDP_NO_CHECKSUM, mode, packet);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ChecksumMode.class)
    void shouldFollowThePolicyOfTcp(final ChecksumMode mode) {
        try (StackRig rig = rig(ChecksumPolicy.BOTH.withTcp(mode))) {
            for (final String us : new String[] {US4, US6}) {
                final byte[] packet = syn(us);
                assertChecked(rig, StackCounter.TCP_BAD_CHECKSUM, mode, packet, upper(packet));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ChecksumMode.class)
    void shouldFollowThePolicyOfIcmp(final ChecksumMode mode) {
        try (StackRig rig = rig(ChecksumPolicy.BOTH.withIcmp(mode))) {
            final byte[] v4 = Bytes.ipv4(PEER4, US4, 1, Bytes.icmpv4(8, 0, 1, new byte[8]));
            assertChecked(rig, StackCounter.ICMP_BAD_CHECKSUM, mode, v4, upper(v4));
            final byte[] v6 = Bytes.ipv6(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, 128, 0, 1, new byte[8]));
            assertChecked(rig, StackCounter.ICMP_BAD_CHECKSUM, mode, v6, upper(v6));
        }
    }

    @ParameterizedTest
    @EnumSource(ChecksumMode.class)
    void shouldFollowThePolicyOfIpv4Headers(final ChecksumMode mode) {
        try (StackRig rig = rig(ChecksumPolicy.BOTH.withIpv4(mode))) {
            final byte[] packet = Bytes.ipv4(PEER4, US4, 1, Bytes.icmpv4(8, 0, 1, new byte[8]));
            assertChecked(rig, StackCounter.IPV4_BAD_CHECKSUM, mode, packet, 10);
        }
    }

    @ParameterizedTest
    @CsvSource({"BOTH, false", "NONE, true"})
    void shouldApplyToAllProtocols(final ChecksumMode mode, final boolean taken) {
        try (StackRig rig = rig(ChecksumPolicy.all(mode))) {
            final byte[] packet = Bytes.ipv4(PEER4, US4, 1, Bytes.icmpv4(8, 0, 1, new byte[8]));
            Bytes.put16(packet, 10, 0xDEAD);
            Bytes.put16(packet, 22, 0xBEEF);
            rig.receive(packet);
            assertEquals(taken ? 1 : 0, rig.sent().size());
        }
    }

    /** The field of a packet is looked at, and the same field of the answer filled in, only if the policy says so. */
    private static void assertChecked(
            final StackRig rig, final StackCounter reason, final ChecksumMode mode, final byte[] packet, final int at) {
        rig.receive(packet);
        final byte[] answer = rig.sentOne();
        if (mode.transmit()) {
            assertNotEquals(0, Bytes.u16(answer, at));
        } else {
            assertEquals(0, Bytes.u16(answer, at));
        }
        final byte[] damaged = packet.clone();
        Bytes.put16(damaged, at, Bytes.u16(packet, at) ^ 0x0101);
        assertJudged(rig, reason, mode, damaged);
    }

    private static void assertJudged(
            final StackRig rig, final StackCounter reason, final ChecksumMode mode, final byte[] packet) {
        if (mode.receive()) {
            rig.assertDropped(reason, packet);
            assertEquals(0, rig.sent().size());
        } else {
            rig.receive(packet);
            assertEquals(1, rig.sent().size());
        }
    }

    /** Where the checksum of what a packet carries is. */
    private static int upper(final byte[] packet) {
        final boolean v4 = packet[0] >> 4 == 4;
        return (v4 ? 20 : 40)
                + switch (packet[v4 ? 9 : 6]) {
                    case 6 -> 16;
                    case 17 -> 6;
                    default -> 2;
                };
    }

    private static byte[] udp(final String us) {
        final String peer = us.equals(US4) ? PEER4 : PEER6;
        final byte[] datagram = Bytes.udp(peer, 5000, us, 7, new byte[4]);
        return us.equals(US4) ? Bytes.ipv4(peer, us, 17, datagram) : Bytes.ipv6(peer, us, 17, datagram);
    }

    private static byte[] syn(final String us) {
        final String peer = us.equals(US4) ? PEER4 : PEER6;
        final byte[] segment = Bytes.hex("1388 0050 00000001 00000000 5002 ffff 0000 0000");
        Bytes.put16(segment, 16, Bytes.transportChecksum(peer, us, 6, segment));
        return us.equals(US4) ? Bytes.ipv4(peer, us, 6, segment) : Bytes.ipv6(peer, us, 6, segment);
    }

    private StackRig rig(final ChecksumPolicy policy) {
        return new StackRig(
                pools,
                Medium.IP,
                StackConfig.defaults(),
                InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64").withChecksums(policy));
    }
}
