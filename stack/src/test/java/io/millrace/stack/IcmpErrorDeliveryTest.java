package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which ICMP errors reach the socket that caused them, and which are dropped. */
class IcmpErrorDeliveryTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final String ROUTER = "192.0.2.254";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldDropErrorsThatConcernNobody() {
        try (StackRig rig = rig()) {
            rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 4000));
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, error(3, 3, udpQuote(US, 4001)));
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, error(3, 3, udpQuote(US, 0)));
            rig.assertDropped(StackCounter.ICMP_ERROR_FOREIGN, error(3, 3, udpQuote("192.0.2.7", 4000)));
            rig.assertDropped(StackCounter.ICMP_ERROR_MALFORMED, error(3, 3, new byte[19]));
            rig.assertDropped(StackCounter.ICMP_SOURCE_QUENCH, error(4, 0, udpQuote(US, 4000)));
            rig.assertDropped(
                    StackCounter.ICMP_ERROR_TO_GROUP,
                    Bytes.ipv4(ROUTER, "192.0.2.255", 1, Bytes.icmpv4(3, 3, 0, udpQuote(US, 4000))));
            final byte[] segment = Bytes.ipv4(US, PEER, 6, new byte[20]);
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, error(3, 3, segment));
            final byte[] echo = Bytes.ipv4(US, PEER, 1, Bytes.icmpv4(8, 0, 0x1234_0001, new byte[8]));
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, error(3, 1, echo));
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, error(3, 2, Bytes.ipv4(US, PEER, 99, new byte[8])));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("RFC 1122 4.1.3.3")
    void shouldTakeAnErrorAboutADatagramOfASocket() {
        try (StackRig rig = rig()) {
            rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 4000));
            final long drops = rig.stack.counters().drops();
            rig.receive(error(3, 3, udpQuote(US, 4000)));
            assertEquals(drops, rig.stack.counters().drops());
            assertEquals(1, rig.count(StackCounter.ICMP_ERRORS_RECEIVED));
        }
    }

    private StackRig rig() {
        return new StackRig(pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24"));
    }

    private static byte[] udpQuote(final String from, final int port) {
        return Bytes.ipv4(from, PEER, 17, Bytes.udp(from, port, PEER, 53, new byte[4]));
    }

    private static byte[] error(final int type, final int code, final byte[] quote) {
        return Bytes.ipv4(ROUTER, US, 1, Bytes.icmpv4(type, code, 0, quote));
    }
}
