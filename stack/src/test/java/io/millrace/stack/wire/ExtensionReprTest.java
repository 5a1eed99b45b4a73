package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options, options headers and routing headers of IPv6. */
class ExtensionReprTest {
    private static final String PAD4 = "06 00 0104 00000000";
    private static final String PAD12 = "06 01 010c 000000000000000000000000";
    private static final String TYPE_2 = "0602 0201 00000000 00000000000000000000000000000001";
    private static final String FULL =
            "0604 0302 00000000 fd000000000000000000000000000002 fd000000000000000000000000000301";
    private static final String ELIDED = "0601 0302 fe500000 0203010000000000";
    private static final String SEGMENTS =
            "0604 0401 01000000 20010db8000000000000000000000001" + "20010db8000000000000000000000002";

    private final Ipv6OptionRepr option = new Ipv6OptionRepr();
    private final Ipv6OptionsRepr header = new Ipv6OptionsRepr();
    private final Ipv6RoutingRepr routing = new Ipv6RoutingRepr();

    @ParameterizedTest
    @CsvSource({
        "00, 0, 0, ''",
        "0100, 1, 0, ''",
        "010100, 1, 1, 00",
        "05020000, 5, 2, 0000",
        "05020001, 5, 2, 0001",
        "05020002, 5, 2, 0002",
        "0502beef, 5, 2, beef",
        "6304001e0800, 99, 4, 001e0800",
        "ff03000000, 255, 3, 000000"
    })
    @Origin("smoltcp:wire::ipv6option::test_option_parse")
    @Origin("smoltcp:wire::ipv6option::test_option_emit")
    void shouldReadAndWriteOptions(final String hex, final int type, final int dataLength, final String data) {
        final MemorySegment memory = Frames.ofHex(hex);
        final int length = (int) memory.byteSize();
        assertEquals(length, option.parse(memory, 0, length));
        assertEquals(type, option.type);
        assertEquals(dataLength, option.dataLength);
        assertEquals(data, HexFormat.of().formatHex(option.data, 0, dataLength));
        assertEquals(length, option.length());
        final MemorySegment copy = Frames.ofHex("a5".repeat(length));
        option.emit(copy, 0);
        assertEquals(hex, Frames.hex(copy, 0, length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ff", "0101", "050200", "ff030000", "0503000000", "63030000 00"})
    @Origin("smoltcp:wire::ipv6option::test_option_parse")
    void shouldRefuseOptionsOfAWrongLength(final String hex) {
        final MemorySegment memory = Frames.ofHex(hex);
        assertEquals(-1, option.parse(memory, 0, (int) memory.byteSize()));
    }

    @Test
    @Origin(
            value = "smoltcp:wire::ipv6option::test_data_len",
            differs = "asking for the length of Pad1's data gives 0 instead of a panic")
    void shouldGivePad1NoData() {
        assertEquals(1, option.parse(Frames.ofHex("00"), 0, 1));
        assertEquals(0, option.dataLength);
    }

    @Test
    void shouldReadTheFieldsOfAlertsAndRpl() {
        option.parse(Frames.ofHex("05020001"), 0, 4);
        assertEquals(Ipv6OptionRepr.ALERT_RSVP, option.routerAlert());
        option.parse(Frames.ofHex("6304801e0800"), 0, 6);
        assertEquals(0x80, option.rplFlags());
        assertEquals(0x1E, option.rplInstance());
        assertEquals(0x800, option.rplSenderRank());
    }

    @Test
    @Origin("smoltcp:wire::ipv6option::test_options_iter")
    void shouldWalkOptionsUpToTheOneThatDoesNotFit() {
        final MemorySegment memory = Frames.ofHex("00 010100 01020000 0100 00 1100 05020001 010800");
        final int[] types = {0, 1, 1, 1, 0, 0x11, 5};
        int at = 0;
        for (final int type : types) {
            final int length = option.parse(memory, at, (int) memory.byteSize() - at);
            assertEquals(type, option.type);
            at += length;
        }
        assertEquals(Ipv6OptionRepr.ALERT_RSVP, option.routerAlert());
        assertEquals(-1, option.parse(memory, at, (int) memory.byteSize() - at));
    }

    @ParameterizedTest
    @CsvSource({PAD4 + ", 8", PAD12 + ", 16"})
    @Origin("smoltcp:wire::ipv6hbh::test_check_len")
    @Origin("smoltcp:wire::ipv6hbh::test_repr_parse_valid")
    @Origin("smoltcp:wire::ipv6ext_header::test_repr_parse_valid")
    @Origin("smoltcp:wire::ipv6ext_header::test_check_len")
    @Origin("smoltcp:wire::ipv6ext_header::test_overlong")
    void shouldReadHeadersOfPaddingAlone(final String hex, final int length) {
        final MemorySegment memory = Frames.ofHex(hex + "00");
        assertEquals(length, header.parse(memory, 0, length));
        assertEquals(length, header.parse(memory, 0, length + 1), "what follows is not the header's");
        assertEquals(6, header.nextHeader);
        assertEquals(0, header.count);
        for (int cut = 0; cut < length; cut++) {
            assertEquals(-1, header.parse(memory, 0, cut));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PAD4, PAD12})
    @Origin("smoltcp:wire::ipv6ext_header::test_header_len_overflow")
    void shouldRefuseHeadersLongerThanThePacket(final String hex) {
        final MemorySegment memory = Frames.ofHex(hex);
        final int length = (int) memory.byteSize();
        Net.put8(memory, Ipv6ExtensionView.LENGTH_OFFSET, length + 1);
        assertEquals(-1, Ipv6ExtensionView.checkLength(memory, 0, length));
        assertEquals(-1, header.parse(memory, 0, length));
        assertEquals(-1, routing.parse(memory, 0, length));
    }

    @Test
    @Origin("smoltcp:wire::ipv6hbh::test_repr_emit")
    @Origin("smoltcp:wire::ipv6ext_header::test_repr_emit")
    void shouldWriteOptionsAndFillUpWithPadding() {
        header.nextHeader = 6;
        header.count = 0;
        assertEquals(PAD4.replace(" ", ""), emitHeader());
        header.count = 1;
        header.options[0].padding(14);
        assertEquals(PAD12.replace(" ", ""), emitHeader());
        header.nextHeader = 58;
        header.options[0].routerAlert(Ipv6OptionRepr.ALERT_MLD);
        assertEquals("3a00050200000100", emitHeader());
    }

    @Test
    void shouldKeepOptionsUpToABound() {
        final String eight = "0502 0000".repeat(8);
        assertEquals(40, header.parse(Frames.ofHex("3a04" + eight + "0104 00000000"), 0, 40));
        assertEquals(8, header.count);
        assertEquals(-1, header.parse(Frames.ofHex("3a04" + eight + "0502 0000 0100"), 0, 40));
    }

    @ParameterizedTest
    @CsvSource({
        TYPE_2 + ", 2, 1, 1",
        FULL + ", 3, 2, 2",
        ELIDED + ", 3, 2, 2",
        SEGMENTS + ", 4, 1, 2",
        "0600 fd07 12345678, 253, 7, 0"
    })
    @Origin("smoltcp:wire::ipv6routing::test_header_deconstruct")
    @Origin("smoltcp:wire::ipv6routing::test_repr_parse_valid")
    @Origin("smoltcp:wire::ipv6routing::test_repr_emit")
    @Origin("smoltcp:wire::ipv6routing::test_buffer_len")
    @Origin("smoltcp:wire::ipv6routing::test_check_len")
    void shouldReadAndWriteRoutingHeaders(
            final String hex, final int type, final int segmentsLeft, final int addresses) {
        final MemorySegment memory = Frames.ofHex(hex);
        final int length = (int) memory.byteSize();
        assertEquals(length, routing.parse(memory, 0, length));
        assertEquals(6, routing.nextHeader);
        assertEquals(type, routing.type);
        assertEquals(segmentsLeft, routing.segmentsLeft);
        assertEquals(addresses, routing.addresses());
        assertEquals(length, routing.headerLength());
        final MemorySegment copy = Frames.ofHex("ff".repeat(length));
        routing.emit(copy, 0);
        assertEquals(Frames.hex(memory, 0, length), Frames.hex(copy, 0, length));
        for (int cut = 0; cut < length; cut++) {
            assertEquals(-1, routing.parse(memory, 0, cut));
        }
    }

    /** Behind the segments, as many as the last entry says, there may be TLVs. */
    @Test
    @Origin("RFC 8754 2")
    void shouldNotCountTlvsAsSegments() {
        final String segments = "20010db8000000000000000000000001" + "20010db8000000000000000000000002";
        final String padding = "040e" + "00".repeat(14);
        final MemorySegment memory = Frames.ofHex("06060401 01000000" + segments + padding);
        assertEquals(56, routing.parse(memory, 0, 56));
        assertEquals(48, routing.dataLength);
        assertEquals(2, routing.addresses());
    }

    @Test
    @Origin("smoltcp:wire::ipv6routing::test_repr_parse_valid")
    void shouldReadHomeAddressAndElidedOctets() {
        routing.parse(Frames.ofHex(TYPE_2), 0, 24);
        final ByteBuffer home = ByteBuffer.wrap(routing.data, 0, 16);
        assertEquals(Ipv6Address.LOCALHOST, new Ipv6Address(home.getLong(), home.getLong()));
        routing.parse(Frames.ofHex(ELIDED), 0, 16);
        assertEquals(15, routing.elidedOctets());
        assertEquals(14, routing.elidedOctetsOfLast());
        assertEquals(5, routing.padding());
        assertEquals("[2, 3, 1, 0, 0, 0, 0, 0]", Arrays.toString(Arrays.copyOf(routing.data, 8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0600 0201 00000000", // no home address
                "0602 0202 00000000 00000000000000000000000000000001", // two segments for one address
                "0604 0303 00000000 fd000000000000000000000000000002 fd000000000000000000000000000301",
                "0601 0301 00000000 0203010000000000", // half an address
                "0602 0400 01000000 20010db8000000000000000000000001", // last entry behind the end
                "0602 0402 00000000 20010db8000000000000000000000001"
            })
    void shouldRefuseRoutingHeadersThatContradictThemselves(final String hex) {
        final MemorySegment memory = Frames.ofHex(hex);
        assertEquals(-1, routing.parse(memory, 0, (int) memory.byteSize()));
    }

    @ParameterizedTest
    @CsvSource({"0600000100003039, 0, true, 12345", "06000a0000010932, 2560, false, 67890"})
    @Origin("smoltcp:wire::ipv6fragment::test_check_len")
    @Origin("smoltcp:wire::ipv6fragment::test_header_deconstruct")
    @Origin("smoltcp:wire::ipv6fragment::test_repr_parse_valid")
    @Origin("smoltcp:wire::ipv6fragment::test_repr_emit")
    @Origin("smoltcp:wire::ipv6fragment::test_buffer_len")
    void shouldReadAndWriteFragmentHeaders(final String hex, final int place, final boolean more, final int id) {
        final Ipv6FragmentRepr fragment = new Ipv6FragmentRepr();
        final MemorySegment memory = Frames.ofHex(hex);
        assertFalse(fragment.parse(memory, 0, Ipv6ExtensionView.UNIT - 1));
        assertTrue(fragment.parse(memory, 0, Ipv6ExtensionView.UNIT));
        assertEquals(6, fragment.nextHeader);
        assertEquals(place, fragment.fragmentOffset);
        assertEquals(more, fragment.moreFragments);
        assertEquals(id, fragment.id);
        final MemorySegment copy = Frames.ofHex("a5".repeat(Ipv6ExtensionView.UNIT));
        fragment.emit(copy, 0);
        assertEquals(hex, Frames.hex(copy, 0, Ipv6ExtensionView.UNIT));
    }

    private String emitHeader() {
        final MemorySegment memory = Frames.ofHex("a5".repeat(header.headerLength()));
        header.emit(memory, 0);
        return Frames.hex(memory, 0, header.headerLength());
    }
}
