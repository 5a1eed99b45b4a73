package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read out of ICMP errors, and which are refused. */
class IcmpErrorReprTest {
    private static final String US = "192.0.2.1";
    private static final String THEM = "198.51.100.9";
    private static final String ROUTER = "192.0.2.254";
    private static final String US6 = "2001:db8::1";
    private static final String THEM6 = "2001:db8:9::9";
    private static final String ROUTER6 = "2001:db8::fe";
    private static final byte[] DATA = new byte[200];

    private final IcmpErrorRepr error = new IcmpErrorRepr();

    @Test
    @Origin("RFC 792")
    void shouldReadPortsFromEightQuotedBytes() {
        final byte[] quote = Arrays.copyOf(Bytes.ipv4(US, THEM, 17, Bytes.udp(US, 4000, THEM, 53, DATA)), 28);
        assertTrue(parse(ROUTER, Bytes.icmpv4(3, 3, 0, quote)));
        assertEquals(IpFamily.V4, error.family);
        assertEquals(IcmpErrorRepr.PORT_UNREACHABLE, error.kind);
        assertEquals(IpAddress.parse(ROUTER).lo(), error.reporterLo);
        assertEquals(63, error.reporterHopLimit);
        assertEquals(IpAddress.parse(US).lo(), error.srcLo);
        assertEquals(IpAddress.parse(THEM).lo(), error.dstLo);
        assertEquals(17, error.protocol);
        assertEquals(4000, error.srcPort);
        assertEquals(53, error.dstPort);
        assertEquals(8, error.transportLength);
        assertEquals(28, error.quotedLength);
        assertEquals(-1, error.identifier);
        assertFalse(error.quotesTcp());
    }

    @Test
    void shouldCopyEveryField() throws IllegalAccessException {
        final IcmpErrorRepr copy = new IcmpErrorRepr();
        int value = 0;
        for (final Field field : IcmpErrorRepr.class.getFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                if (field.getType() == int.class) {
                    field.setInt(error, ++value);
                } else {
                    field.setLong(error, ++value);
                }
            }
        }
        copy.set(error);
        for (final Field field : IcmpErrorRepr.class.getFields()) {
            assertEquals(field.get(error), field.get(copy), field.getName());
        }
        assertTrue(value > 20, "fields: " + value);
    }

    /** Where other errors have the length of the quote, a redirect has its router's address. */
    @Test
    @Origin("RFC 4884 4")
    void shouldNotTakeAnAddressForALength() {
        final byte[] quote = Bytes.ipv4(US, THEM, 17, Bytes.udp(US, 4000, THEM, 53, DATA));
        assertTrue(parse(
                ROUTER, Bytes.icmpv4(5, 1, (int) IpAddress.parse("10.32.0.1").lo(), quote)));
        assertEquals(quote.length, error.quotedLength);
    }

    @Test
    void shouldReadTcpSequenceAndMtuBehindOptions() {
        final byte[] tcp = Bytes.hex("1F90 C001 FEDCBA98");
        final byte[] quote = Bytes.ipv4(US, THEM, 6, Bytes.hex("01010101"), tcp);
        assertTrue(parse(ROUTER, Bytes.icmpv4(3, 4, 1400, quote)));
        assertEquals(IcmpErrorRepr.PACKET_TOO_BIG, error.kind);
        assertEquals(1400, error.mtu);
        assertTrue(error.quotesTcp());
        assertEquals(0xFEDCBA98L, error.tcpSequence);
        assertEquals(8080, error.srcPort);
        assertEquals(0xC001, error.dstPort);
        assertEquals(24, error.transportOffset - error.quotedOffset);
    }

    @Test
    void shouldKnowNoPortsWhenTooLittleIsQuoted() {
        final byte[] quote = Arrays.copyOf(Bytes.ipv4(US, THEM, 6, new byte[20]), 27);
        assertTrue(parse(ROUTER, Bytes.icmpv4(11, 0, 0, quote)));
        assertEquals(0, error.srcPort);
        assertEquals(IcmpErrorRepr.NO_SEQUENCE, error.tcpSequence);
        assertTrue(parse(ROUTER, Bytes.icmpv4(11, 0, 0, Arrays.copyOf(quote, 23))));
        assertEquals(-1, error.srcPort);
        assertEquals(-1, error.dstPort);
    }

    @Test
    void shouldKnowNoPortsOfALaterFragment() {
        final byte[] packet = Bytes.ipv4(US, THEM, 17, Bytes.udp(US, 4000, THEM, 53, DATA));
        packet[7] = 1;
        assertTrue(parse(ROUTER, Bytes.icmpv4(11, 1, 0, Bytes.sealIpv4(packet))));
        assertEquals(IcmpErrorRepr.TIME_EXCEEDED_REASSEMBLY, error.kind);
        assertEquals(17, error.protocol);
        assertEquals(-1, error.srcPort);
        final byte[] fragment = Bytes.join(Bytes.hex("1100 0008 00000001"), Bytes.udp(US6, 1, THEM6, 2, DATA));
        assertTrue(parse(ROUTER6, icmpv6(2, 0, 1300, Bytes.ipv6(US6, THEM6, 44, fragment))));
        assertEquals(17, error.protocol);
        assertEquals(-1, error.srcPort);
    }

    @Test
    void shouldReadIdentifierOfAnEchoRequestOnly() {
        final byte[] request = Bytes.ipv4(US, THEM, 1, Bytes.icmpv4(8, 0, 0x1234_0007, new byte[0]));
        assertTrue(parse(ROUTER, Bytes.icmpv4(11, 0, 0, request)));
        assertEquals(0x1234, error.identifier);
        assertEquals(7, error.echoSequence);
        final byte[] reply = Bytes.ipv4(US, THEM, 1, Bytes.icmpv4(0, 0, 0x1234_0007, new byte[0]));
        assertTrue(parse(ROUTER, Bytes.icmpv4(11, 0, 0, reply)));
        assertEquals(-1, error.identifier);
        final byte[] request6 = Bytes.ipv6(US6, THEM6, 58, Bytes.icmpv6(US6, THEM6, 128, 0, 0xABCD_0008, new byte[0]));
        assertTrue(parse(ROUTER6, icmpv6(3, 0, 0, request6)));
        assertEquals(0xABCD, error.identifier);
        assertEquals(8, error.echoSequence);
    }

    @Test
    void shouldWalkExtensionHeaders() {
        final byte[] udp = Bytes.udp(US6, 4000, THEM6, 53, DATA);
        final byte[] chain = Bytes.join(
                Bytes.hex("3C00 010400000000"), Bytes.hex("2C00 010400000000"), Bytes.hex("1100 0001 00000009"), udp);
        assertTrue(parse(ROUTER6, icmpv6(1, 4, 0, Bytes.ipv6(US6, THEM6, 0, chain))));
        assertEquals(IcmpErrorRepr.PORT_UNREACHABLE, error.kind);
        assertEquals(17, error.protocol);
        assertEquals(4000, error.srcPort);
        assertEquals(53, error.dstPort);
        assertEquals(64, error.transportOffset - error.quotedOffset);
        assertEquals(IpAddress.parse(ROUTER6).lo(), error.reporterLo);
    }

    @ParameterizedTest(name = "type {0} code {1} is kind {2}")
    @CsvSource({
        "3, 0, 1",
        "3, 1, 2",
        "3, 2, 3",
        "3, 3, 4",
        "3, 4, 6",
        "3, 5, 2",
        "3, 6, 1",
        "3, 7, 2",
        "3, 8, 2",
        "3, 9, 5",
        "3, 10, 5",
        "3, 11, 1",
        "3, 12, 2",
        "3, 13, 5",
        "3, 14, 5",
        "3, 15, 5",
        "3, 16, 0",
        "11, 0, 7",
        "11, 1, 8",
        "11, 2, 0",
        "12, 0, 9",
        "4, 0, 10"
    })
    void shouldFoldCodesOfIpv4(final int type, final int code, final int kind) {
        final byte[] quote = Bytes.ipv4(US, THEM, 17, Bytes.udp(US, 1, THEM, 2, new byte[0]));
        assertTrue(parse(ROUTER, Bytes.icmpv4(type, code, 0, quote)));
        assertEquals(kind, error.kind);
        assertEquals(type, error.type);
        assertEquals(code, error.code);
    }

    @ParameterizedTest(name = "type {0} code {1} is kind {2}")
    @CsvSource({
        "1, 0, 1",
        "1, 1, 5",
        "1, 2, 2",
        "1, 3, 2",
        "1, 4, 4",
        "1, 5, 5",
        "1, 6, 5",
        "1, 7, 0",
        "2, 0, 6",
        "3, 0, 7",
        "3, 1, 8",
        "4, 0, 9",
        "4, 1, 3",
        "4, 2, 9",
        "100, 0, 0"
    })
    void shouldFoldCodesOfIpv6(final int type, final int code, final int kind) {
        final byte[] quote = Bytes.ipv6(US6, THEM6, 17, Bytes.udp(US6, 1, THEM6, 2, new byte[0]));
        assertTrue(parse(ROUTER6, icmpv6(type, code, 40, quote)));
        assertEquals(kind, error.kind);
        assertEquals(type == 2 ? 40 : 0, error.mtu);
        assertEquals(type == 4 ? 40 : 0, error.pointer);
    }

    @Test
    @Origin("RFC 4884 5.1")
    void shouldEndTheQuoteWhereExtensionsBegin() {
        final byte[] quote = Arrays.copyOf(Bytes.ipv4(US, THEM, 17, Bytes.udp(US, 1, THEM, 2, DATA)), 128);
        final byte[] extended = Bytes.join(quote, Bytes.hex("2000 0000 0008 0101 00001000"));
        assertTrue(parse(ROUTER, Bytes.icmpv4(11, 0, 32 << 16, extended)));
        assertEquals(128, error.quotedLength);
        // Routers that know nothing of it leave garbage there; less than 128 bytes is none of RFC 4884's.
        assertTrue(parse(ROUTER, Bytes.icmpv4(11, 0, 5 << 16, extended)));
        assertEquals(140, error.quotedLength);
    }

    @Test
    void shouldTakeAHugeMtuForTheLargestInt() {
        final byte[] quote = Bytes.ipv6(US6, THEM6, 17, Bytes.udp(US6, 1, THEM6, 2, new byte[0]));
        assertTrue(parse(ROUTER6, icmpv6(2, 0, -2, quote)));
        assertEquals(Integer.MAX_VALUE, error.mtu);
    }

    @Test
    void shouldRefuseWhatQuotesNoPacket() {
        final byte[] quote = Bytes.ipv4(US, THEM, 17, Bytes.udp(US, 1, THEM, 2, new byte[0]));
        assertFalse(parse(ROUTER, Bytes.icmpv4(3, 3, 0, new byte[0])));
        assertFalse(parse(ROUTER, Bytes.icmpv4(3, 3, 0, Arrays.copyOf(quote, 19))));
        assertFalse(parse(ROUTER, Bytes.icmpv4(3, 3, 0, Bytes.with(quote, 0, 0x65))));
        assertFalse(parse(ROUTER, Bytes.icmpv4(3, 3, 0, Bytes.with(quote, 0, 0x44))));
        assertFalse(parse(ROUTER, Bytes.icmpv4(3, 3, 0, Bytes.with(quote, 0, 0x4F))));
        assertFalse(parse(ROUTER, Bytes.icmpv4(3, 3, 0, Bytes.with(quote, 3, 19))));
        final byte[] quote6 = Bytes.ipv6(US6, THEM6, 0, Bytes.hex("1101 010400000000 0000000000000000"));
        assertTrue(parse(ROUTER6, icmpv6(1, 4, 0, quote6)));
        assertFalse(parse(ROUTER6, icmpv6(1, 4, 0, Arrays.copyOf(quote6, 55))));
        assertFalse(parse(ROUTER6, icmpv6(1, 4, 0, Arrays.copyOf(quote6, 47))));
        assertFalse(parse(ROUTER6, icmpv6(1, 4, 0, Arrays.copyOf(quote6, 39))));
        assertFalse(parse(ROUTER6, icmpv6(1, 4, 0, Bytes.with(quote6, 0, 0x40))));
    }

    @Test
    void shouldRefuseAnEndlessChainOfHeaders() {
        final byte[] chain = new byte[9 * 8];
        for (int i = 0; i < 9; i++) {
            chain[8 * i] = 60;
        }
        assertFalse(parse(ROUTER6, icmpv6(1, 4, 0, Bytes.ipv6(US6, THEM6, 60, chain))));
    }

    @Test
    @Origin("RFC 4443 2.4")
    void shouldRefuseAnErrorAboutAnError() {
        final byte[] quote = Bytes.ipv4(US, THEM, 1, Bytes.icmpv4(3, 3, 0, DATA));
        assertFalse(parse(ROUTER, Bytes.icmpv4(11, 0, 0, quote)));
        final byte[] quote6 = Bytes.ipv6(US6, THEM6, 58, Bytes.icmpv6(US6, THEM6, 1, 4, 0, DATA));
        assertFalse(parse(ROUTER6, icmpv6(3, 0, 0, quote6)));
    }

    private boolean parse(final String from, final byte[] message) {
        final IpAddress reporter = IpAddress.parse(from);
        final IpRepr ip = new IpRepr();
        ip.family = reporter.family();
        ip.srcHi = reporter.hi();
        ip.srcLo = reporter.lo();
        ip.hopLimit = 63;
        final MemorySegment memory = Frames.ofBytes(message);
        return error.parse(ip, memory, 0, message.length);
    }

    private static byte[] icmpv6(final int type, final int code, final int parameter, final byte[] quote) {
        return Bytes.icmpv6(ROUTER6, US6, type, code, parameter, quote);
    }
}
