package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of neighbour discovery and their options. */
class NdpReprTest {
    private static final long MAC = 0x5254_0012_3456L;
    private static final String ADVERTISEMENT = "8600a9de4080038400000384000003840101525400123456";
    private static final String PREFIX = "0304 40c0 00000384 000003e8 00000000 fe800000000000000000000000000001";
    private static final Ipv6Address ONE = Ipv6Address.parse("fe80::1");
    private static final Ipv6Address TWO = Ipv6Address.parse("fe80::2");

    private final IpRepr ip = HeaderReprTest.ip("fe80::1", "fe80::2");
    private final NdpRepr ndp = new NdpRepr();

    @Test
    @Origin("smoltcp:wire::ndisc::test_router_advert_deconstruct")
    @Origin("smoltcp:wire::ndisc::test_router_advert_repr_parse")
    void shouldReadRouterAdvertisement() {
        final MemorySegment memory = Frames.ofHex(ADVERTISEMENT);
        assertTrue(Icmpv6View.verifies(ip, memory, 0, 24));
        assertTrue(ndp.parse(memory, 0, 24));
        assertEquals(NdpView.ROUTER_ADVERTISEMENT, ndp.type);
        assertEquals(64, ndp.hopLimit);
        assertEquals(RouterAdvertisementView.MANAGED, ndp.routerFlags);
        assertEquals(900, ndp.routerLifetime);
        assertEquals(900, ndp.reachableTime);
        assertEquals(900, ndp.retransTimer);
        assertEquals(MAC, ndp.sourceMac);
        assertEquals(NdpRepr.ABSENT, ndp.mtu);
        assertEquals(0, ndp.prefixes);
    }

    @Test
    @Origin("smoltcp:wire::ndisc::test_router_advert_construct")
    @Origin("smoltcp:wire::ndisc::test_router_advert_repr_emit")
    void shouldWriteRouterAdvertisement() {
        ndp.type = NdpView.ROUTER_ADVERTISEMENT;
        ndp.hopLimit = 64;
        ndp.routerFlags = RouterAdvertisementView.MANAGED;
        ndp.routerLifetime = 900;
        ndp.reachableTime = 900;
        ndp.retransTimer = 900;
        ndp.sourceMac = MAC;
        assertEquals(ADVERTISEMENT, emit());
    }

    @Test
    @Origin("smoltcp:wire::ndisc::test_redirect_lladdr_roundtrip")
    void shouldKeepTheTargetsMacInRedirects() {
        ndp.type = NdpView.REDIRECT;
        ndp.targetHi = ONE.hi();
        ndp.targetLo = ONE.lo();
        ndp.destinationHi = TWO.hi();
        ndp.destinationLo = TWO.lo();
        ndp.targetMac = MAC;
        final MemorySegment memory = Frames.ofHex(emit());
        assertTrue(Icmpv6View.verifies(ip, memory, 0, 48));
        final NdpRepr read = new NdpRepr();
        assertTrue(read.parse(memory, 0, 48));
        assertEquals(ONE, new Ipv6Address(read.targetHi, read.targetLo));
        assertEquals(TWO, new Ipv6Address(read.destinationHi, read.destinationLo));
        assertEquals(MAC, read.targetMac);
        assertEquals(NdpRepr.ABSENT, read.sourceMac);
    }

    @Test
    @Origin("smoltcp:wire::ndiscoption::test_deconstruct")
    @Origin("smoltcp:wire::ndiscoption::test_repr_parse_prefix_info")
    void shouldReadPrefixInformation() {
        final MemorySegment memory = Frames.ofHex(PREFIX);
        assertEquals(32, NdpOptionView.check(memory, 0, 32));
        assertTrue(NdpOptionView.isWellFormed(memory, 0, 32));
        assertEquals(NdpOptionView.PREFIX_INFORMATION, NdpOptionView.type(memory, 0));
        assertEquals(64, NdpOptionView.prefixLength(memory, 0));
        assertEquals(NdpOptionView.ON_LINK | NdpOptionView.AUTONOMOUS, NdpOptionView.prefixFlags(memory, 0));
        assertEquals(900, NdpOptionView.validLifetime(memory, 0));
        assertEquals(1000, NdpOptionView.preferredLifetime(memory, 0));
        assertEquals(ONE, new Ipv6Address(NdpOptionView.prefixHi(memory, 0), NdpOptionView.prefixLo(memory, 0)));
    }

    @Test
    @Origin("smoltcp:wire::ndiscoption::test_construct")
    @Origin("smoltcp:wire::ndiscoption::test_repr_emit_prefix_info")
    void shouldWritePrefixInformation() {
        final MemorySegment memory = Frames.ofHex("2a".repeat(32));
        NdpOptionView.writePrefix(memory, 0, 64, 0xC0, 900, 1000, ONE.hi(), ONE.lo());
        assertEquals(PREFIX.replace(" ", ""), Frames.hex(memory, 0, 32));
    }

    @Test
    @Origin("smoltcp:wire::ndiscoption::test_repr_parse_mtu")
    void shouldReadTheLinksMtu() {
        assertTrue(parseAdvertisement("05010000000005dc"));
        assertEquals(1500, ndp.mtu);
    }

    @Test
    @Origin("RFC 4191 2.3")
    @Origin("RFC 8106 5")
    @Origin("RFC 3971 5.3.2")
    void shouldReadRoutesDnsAndNonce() {
        assertTrue(parseAdvertisement(
                "1801 0008 00000e10" // default route, preferred
                        + "1802 3018 00000708 20010db800070000" // 2001:db8:7::/48, of little preference
                        + "1903 0000 00000708 20010db8000000000000000000000053"
                        + "1f03 0000 00000708 076578616d706c6503636f6d00000000"
                        + "0e01 010203040506"));
        assertEquals(2, ndp.routes);
        assertEquals(0, ndp.route[0].length);
        assertEquals(3600, ndp.route[0].validLifetime);
        assertEquals(1, NdpOptionView.preference(ndp.route[0].flags));
        assertEquals(48, ndp.route[1].length);
        assertEquals(0x2001_0DB8_0007_0000L, ndp.route[1].hi);
        assertEquals(0, ndp.route[1].lo);
        assertEquals(-1, NdpOptionView.preference(ndp.route[1].flags));
        assertEquals(1, ndp.dnsServers);
        assertEquals(Ipv6Address.parse("2001:db8::53"), new Ipv6Address(ndp.dnsHi[0], ndp.dnsLo[0]));
        assertEquals(1800, ndp.dnsLifetime);
        assertEquals(16, ndp.searchListLength);
        assertEquals(1800, ndp.searchListLifetime);
        assertEquals(6, ndp.nonceLength);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6}, Arrays.copyOf(ndp.nonce, 6));
    }

    /** Each option has a lifetime of its own, and the representation one for all: it takes the first option alone. */
    @Test
    void shouldKeepTheFirstOfOptionsThatHaveOneLifetime() {
        assertTrue(parseAdvertisement("1903 0000 00000708 20010db8000000000000000000000053"
                + "1903 0000 00000000 20010db8000000000000000000000054"
                + "1f02 0000 00000708 0161016200000000"
                + "1f02 0000 00000000 0163016400000000"
                + "0e01 010203040506"
                + "0e01 0a0b0c0d0e0f"));
        assertEquals(1, ndp.dnsServers);
        assertEquals(0x53, ndp.dnsLo[0]);
        assertEquals(1800, ndp.dnsLifetime);
        assertEquals(1800, ndp.searchListLifetime);
        assertEquals('a', Net.u8(ndp.quoted, ndp.searchListOffset + 1));
        assertEquals(1, ndp.nonce[0]);
    }

    @Test
    void shouldWriteWhatItRead() {
        final String options = "0101525400123456" + "0201525400123457" + "05010000000005dc"
                + PREFIX.replace(" ", "") + "1801000800000e10" + "1802301800000708" + "20010db800070000"
                + "1803501800000708" + "20010db80007000000080000" + "00000000"
                + "1903000000000708" + "20010db8000000000000000000000053"
                + "1f0300000000070807" + "6578616d706c6503636f6d00000000" + "0e01010203040506" + "0402000000000000"
                + "6000000000000000";
        assertTrue(parseAdvertisement(options));
        assertEquals(options, emit().substring(32));
    }

    @Test
    @Origin("RFC 8106 5.2")
    @Origin("RFC 4861 4.6.3")
    void shouldFillUpNamesAndQuotesWithZeros() {
        ndp.type = NdpView.REDIRECT;
        ndp.quoted = Frames.ofHex("076578616d706c6503636f6d00" + "6000000000000000000000");
        ndp.searchListOffset = 0;
        ndp.searchListLength = 13;
        ndp.searchListLifetime = 1800;
        ndp.redirectedOffset = 13;
        ndp.redirectedLength = 9;
        assertEquals(
                "1f03000000000708" + "076578616d706c6503636f6d00000000" + "0403000000000000"
                        + "60000000000000000000000000000000",
                emit().substring(80));
    }

    /** Whatever a message holds, reading what was written gives it back. */
    @Test
    void shouldReadWhatItWrote() {
        final SplittableRandom random = new SplittableRandom(4861);
        final MemorySegment quoted = Frames.ofHex("5a".repeat(4096));
        final MemorySegment memory = Frames.ofHex("00".repeat(16_384));
        final NdpRepr read = new NdpRepr();
        for (int turn = 0; turn < 500; turn++) {
            fill(random, quoted);
            final int length = ndp.length();
            memory.asSlice(0, length).fill((byte) 0xEE);
            ndp.emit(ip, memory, 0);
            assertTrue(Icmpv6View.verifies(ip, memory, 0, length));
            assertTrue(read.parse(memory, 0, length), "turn " + turn);
            assertSame(memory, read.quoted);
            assertEquals(describe(ndp), describe(read), "turn " + turn);
            assertEquals(length, read.length());
        }
    }

    private void fill(final SplittableRandom random, final MemorySegment quoted) {
        ndp.clearOptions();
        ndp.type = random.nextInt(NdpView.ROUTER_SOLICITATION, NdpView.REDIRECT + 1);
        ndp.flags = ndp.type == NdpView.NEIGHBOR_ADVERTISEMENT ? random.nextInt(8) << 29 : 0;
        ndp.targetHi = random.nextLong();
        ndp.targetLo = random.nextLong();
        ndp.destinationHi = random.nextLong();
        ndp.destinationLo = random.nextLong();
        ndp.hopLimit = random.nextInt(256);
        ndp.routerFlags = random.nextInt(256);
        ndp.routerLifetime = random.nextInt(0x1_0000);
        ndp.reachableTime = random.nextLong(1L << 32);
        ndp.retransTimer = random.nextLong(1L << 32);
        ndp.sourceMac = random.nextBoolean() ? NdpRepr.ABSENT : random.nextLong(1L << 48);
        ndp.targetMac = random.nextBoolean() ? NdpRepr.ABSENT : random.nextLong(1L << 48);
        ndp.mtu = random.nextBoolean() ? NdpRepr.ABSENT : random.nextLong(1L << 32);
        ndp.prefixes = random.nextInt(NdpRepr.MAX_REPEATED + 1);
        ndp.routes = random.nextInt(NdpRepr.MAX_REPEATED + 1);
        for (int i = 0; i < NdpRepr.MAX_REPEATED; i++) {
            fill(random, ndp.prefix[i]);
            fill(random, ndp.route[i]);
            ndp.route[i].hi = ndp.route[i].length == 0 ? 0 : ndp.route[i].hi;
            ndp.route[i].lo = ndp.route[i].length <= 64 ? 0 : ndp.route[i].lo;
            ndp.dnsHi[i] = random.nextLong();
            ndp.dnsLo[i] = random.nextLong();
        }
        ndp.dnsServers = random.nextInt(NdpRepr.MAX_REPEATED + 1);
        ndp.dnsLifetime = random.nextLong(1L << 32);
        ndp.quoted = quoted;
        for (int i = 0; i < quoted.byteSize(); i += 8) {
            Net.put64(quoted, i, random.nextLong());
        }
        ndp.searchListOffset = random.nextInt(2048);
        ndp.searchListLength = random.nextInt(2) * random.nextInt(1, 2033);
        ndp.searchListLifetime = random.nextLong(1L << 32);
        ndp.redirectedOffset = random.nextInt(2048);
        ndp.redirectedLength = random.nextInt(2) * random.nextInt(1, 2033);
        ndp.nonceLength = random.nextInt(2) * (6 + 8 * random.nextInt(254));
        random.nextBytes(ndp.nonce);
    }

    private static void fill(final SplittableRandom random, final NdpRepr.Prefix prefix) {
        prefix.length = random.nextInt(129);
        prefix.flags = random.nextInt(256);
        prefix.validLifetime = random.nextLong(1L << 32);
        prefix.preferredLifetime = random.nextLong(1L << 32);
        prefix.hi = random.nextLong();
        prefix.lo = random.nextLong();
    }

    /** All that its message says. */
    private static String describe(final NdpRepr ndp) {
        final StringBuilder text = new StringBuilder("type " + ndp.type);
        if (ndp.type == NdpView.ROUTER_ADVERTISEMENT) {
            text.append(" %d %d %d %d %d"
                    .formatted(ndp.hopLimit, ndp.routerFlags, ndp.routerLifetime, ndp.reachableTime, ndp.retransTimer));
        } else if (ndp.type != NdpView.ROUTER_SOLICITATION) {
            text.append(" %x %x %x".formatted(ndp.flags, ndp.targetHi, ndp.targetLo));
        }
        if (ndp.type == NdpView.REDIRECT) {
            text.append(" %x %x".formatted(ndp.destinationHi, ndp.destinationLo));
        }
        text.append("\nmac %x %x mtu %d".formatted(ndp.sourceMac, ndp.targetMac, ndp.mtu));
        for (int i = 0; i < ndp.prefixes; i++) {
            final NdpRepr.Prefix p = ndp.prefix[i];
            text.append("\nprefix %x %x/%d %x %d %d"
                    .formatted(p.hi, p.lo, p.length, p.flags, p.validLifetime, p.preferredLifetime));
        }
        for (int i = 0; i < ndp.routes; i++) {
            final NdpRepr.Prefix p = ndp.route[i];
            text.append("\nroute %x %x/%d %x %d".formatted(p.hi, p.lo, p.length, p.flags, p.validLifetime));
        }
        for (int i = 0; i < ndp.dnsServers; i++) {
            text.append("\nserver %x %x %d".formatted(ndp.dnsHi[i], ndp.dnsLo[i], ndp.dnsLifetime));
        }
        if (ndp.searchListLength > 0) {
            text.append("\nnames " + ndp.searchListLifetime + " "
                    + padded(ndp.quoted, ndp.searchListOffset, ndp.searchListLength));
        }
        if (ndp.redirectedLength > 0) {
            text.append("\nquote " + padded(ndp.quoted, ndp.redirectedOffset, ndp.redirectedLength));
        }
        return text + "\nnonce " + Arrays.toString(Arrays.copyOf(ndp.nonce, ndp.nonceLength));
    }

    private static String padded(final MemorySegment memory, final long offset, final int length) {
        return Frames.hex(memory, offset, length) + "00".repeat((8 - length % 8) % 8);
    }

    @Test
    void shouldReadTheQuoteOfARedirect() {
        final MemorySegment memory =
                Frames.ofHex("89000000" + "00000000" + "00".repeat(32) + "0402000000000000" + "60".repeat(8));
        assertTrue(ndp.parse(memory, 0, 56));
        assertEquals(48, ndp.redirectedOffset);
        assertEquals(8, ndp.redirectedLength);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0300", "030100000000", "0000000000000000", "0102525400123456", "0101525400123456 05"})
    @Origin("smoltcp:wire::ndiscoption::test_short_packet")
    @Origin("RFC 4861 6.1.2")
    void shouldRefuseAMessageWithAnOptionThatDoesNotEndWithinIt(final String options) {
        assertFalse(parseAdvertisement(options));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0301000000000000", "0502000000000000 00000000000005dc", "1801800000000708", "1901000000000000"})
    @Origin(
            value = "smoltcp:wire::ndiscoption::test_short_packet",
            differs = "an option too short for its type is ignored, the rest of the message is not (RFC 4861 4.6)")
    void shouldIgnoreAnOptionWhoseTypeHasAnotherLength(final String options) {
        assertTrue(parseAdvertisement(options + "0101525400123456"));
        assertEquals(0, ndp.prefixes + ndp.routes + ndp.dnsServers);
        assertEquals(NdpRepr.ABSENT, ndp.mtu);
        assertEquals(MAC, ndp.sourceMac);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 128, 129, 255})
    void shouldIgnorePrefixesLongerThanAnAddress(final int length) {
        final String option = PREFIX.replace(" ", "");
        assertTrue(parseAdvertisement(option.substring(0, 4) + "%02x".formatted(length) + option.substring(6)));
        assertEquals(length <= 128 ? 1 : 0, ndp.prefixes);
    }

    @Test
    void shouldKeepRepeatedOptionsUpToABound() {
        assertTrue(
                parseAdvertisement(PREFIX.repeat(20) + "1803000000000708 20010db8000000000000000000000053".repeat(20)));
        assertEquals(NdpRepr.MAX_REPEATED, ndp.prefixes);
        assertEquals(NdpRepr.MAX_REPEATED, ndp.routes);
    }

    @ParameterizedTest
    @CsvSource({"133, 8", "134, 16", "135, 24", "136, 24", "137, 40"})
    void shouldRefuseShortMessages(final int type, final int length) {
        final MemorySegment memory = Frames.ofHex("%02x".formatted(type) + "00".repeat(39));
        assertTrue(ndp.parse(memory, 0, length));
        assertEquals(length, ndp.length());
        for (int cut = 0; cut < length; cut++) {
            assertFalse(ndp.parse(memory, 0, cut));
        }
        Net.put8(memory, IcmpView.CODE_OFFSET, 1);
        assertFalse(ndp.parse(memory, 0, length), "the code is 0");
    }

    private boolean parseAdvertisement(final String options) {
        final MemorySegment memory = Frames.ofHex("86000000" + "00".repeat(12) + options);
        return ndp.parse(memory, 0, (int) memory.byteSize());
    }

    private String emit() {
        final MemorySegment memory = Frames.ofHex("24".repeat(ndp.length()));
        ndp.emit(ip, memory, 0);
        return Frames.hex(memory, 0, ndp.length());
    }
}
