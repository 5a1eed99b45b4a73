package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.socket.raw.RawPacket;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets on their way to others that ask routers to look closer. */
class RouterAlertTest {
    private static final int RSVP = 46;
    private static final byte[] DATA = Bytes.hex("000102030405060708090a0b0c0d0e0f");
    private static final String A4 = "10.0.1.2";
    private static final String B4 = "10.0.2.2";
    private static final String A6 = "2001:db8:1::2";
    private static final String B6 = "2001:db8:2::2";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 2113 2.1")
    @Origin("RFC 2711 2.0")
    void shouldHandOverWhatAsksForIt(final boolean v4) {
        try (RouterRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(v4 ? 4 : 6, RSVP, null);
            final RawSocket another = rig.stack.openRaw(RawSocket.ANY, RawSocket.ANY, null);
            socket.routerAlert(v4 ? 0 : 1);
            final byte[] packet = v4 ? alertV4("94040000", DATA) : alertV6("05020001 0100");
            rig.receive(0, packet);
            assertEquals(0, rig.sent(1).size(), "goes no further");
            assertEquals(0, another.readable(), "whoever did not ask");
            final RawPacket received = socket.receive();
            assertNotNull(received);
            assertArrayEquals(packet, Frames.bytes(received.memory(), received.offset(), received.length()));
            assertEquals(RSVP, received.protocol());
            assertEquals(DATA.length, received.payloadLength());
            assertEquals(1, rig.stack.counters().get(StackCounter.ROUTER_ALERTS));
            assertEquals(0, rig.stack.counters().get(StackCounter.FORWARDED));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4, 46, 1, 94040000", // another value
        "4, 47, 0, 94040000", // another protocol
        "4, 46, -1, 94040000", // not any more
        "4, 46, 0, 01010100",
        "4, 46, 0, 94060000 00000000",
        "4, 46, 0, 00940400",
        "6, 46, 0, 05020001 0100",
        "6, 47, 1, 05020001 0100",
        "6, 46, 1, 010401020304",
        "6, 46, 1, 0104010203ff", // an alert that ends behind its header
        "6, 46, 1, 1e06 05020001"
    })
    void shouldSendOnWhatNobodyAskedFor(final int version, final int protocol, final int value, final String options) {
        try (RouterRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(RawSocket.ANY, protocol, null);
            socket.routerAlert(0);
            socket.routerAlert(value);
            rig.receive(0, version == 4 ? alertV4(options, DATA) : alertV6(options));
            assertEquals(1, rig.sent(1).size());
            assertEquals(0, socket.readable());
        }
    }

    @Test
    void shouldSendOnWhatAsksAtAnotherInterface() {
        try (RouterRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(4, RSVP, null);
            socket.routerAlert(0);
            socket.zone("net1");
            rig.receive(0, alertV4("94040000", DATA));
            assertEquals(1, rig.sent(1).size());
            assertEquals(0, socket.readable());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotTakeWhatWasSentToMoreThanOneStation(final boolean v4) {
        try (RouterRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(RawSocket.ANY, RSVP, null);
            socket.routerAlert(v4 ? 0 : 1);
            final byte[] frame = RouterRig.frame(0, v4 ? alertV4("94040000", DATA) : alertV6("05020001 0100"));
            Arrays.fill(frame, 0, 6, (byte) 0xFF);
            rig.receiveFrame(0, frame);
            assertEquals(0, socket.readable());
            assertEquals(0, rig.sent(1).size());
            assertEquals(1, rig.stack.counters().get(StackCounter.FORWARD_PROHIBITED));
        }
    }

    @Test
    void shouldPutFragmentsTogetherForWhoeverAsks() {
        try (RouterRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(4, RSVP, null);
            socket.routerAlert(0);
            rig.receive(0, fragment(0x2000, 0, 8));
            rig.receive(0, fragment(1, 8, 16));
            assertEquals(0, rig.sent(1).size());
            final RawPacket received = socket.receive();
            assertNotNull(received);
            assertArrayEquals(
                    DATA, Frames.bytes(received.memory(), received.payloadOffset(), received.payloadLength()));
        }
    }

    @Test
    void shouldNotSendOnWhatWasPutTogetherForASocketThatIsGone() {
        try (RouterRig rig = rig()) {
            final RawSocket socket = rig.stack.openRaw(4, RSVP, null);
            socket.routerAlert(0);
            rig.receive(0, fragment(0x2000, 0, 8));
            socket.close();
            rig.receive(0, fragment(1, 8, 16));
            assertEquals(1, rig.sent(1).size(), "the second fragment is like any other");
        }
    }

    @Test
    void shouldRefuseValuesThatNoOptionHas() {
        try (RouterRig rig = rig();
                RawSocket socket = rig.stack.openRaw(4, RSVP, null)) {
            assertThrows(IllegalArgumentException.class, () -> socket.routerAlert(-2));
            assertThrows(IllegalArgumentException.class, () -> socket.routerAlert(65_536));
        }
    }

    private RouterRig rig() {
        return new RouterRig(pools, ForwardingRules.ROUTER, 1500, 64);
    }

    private static byte[] alertV4(final String options, final byte[] data) {
        return Bytes.ipv4(A4, B4, RSVP, Bytes.hex(options), data);
    }

    private static byte[] fragment(final int flags, final int from, final int to) {
        final byte[] data = Arrays.copyOfRange(DATA, from, to);
        final byte[] fragment = alertV4("94040000", data);
        Bytes.put16(fragment, 6, flags);
        return Bytes.sealIpv4(fragment);
    }

    private static byte[] alertV6(final String options) {
        return Bytes.ipv6(A6, B6, 0, Bytes.join(Bytes.hex("2e00" + options), DATA));
    }
}
