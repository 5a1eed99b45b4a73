package io.millrace.stack.wire.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.port.Medium;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets as text. */
class PacketTextTest {
    /** UDP over IPv6 from fe80::1 port 1 to ff02::1 port 2, four bytes of payload. */
    private static final String V6 = "60000000 000c 11 40 fe800000000000000000000000000001"
            + "ff020000000000000000000000000001 00010002000c3a1baabbccdd";

    @ParameterizedTest(name = "{0}")
    @MethodSource("packets")
    void shouldTellAPacketInOneLine(final String name, final String hex, final String expected) {
        assertEquals(expected, of(Frames.ofHex(hex), Medium.ETHERNET));
    }

    @Test
    @Origin(
            value = "smoltcp:wire::ipv6::test_pretty_print",
            differs = "the words are tcpdump's, in one line, instead of a tree of headers")
    void shouldTellUdpOverIpv6() {
        final String line = of(Frames.ofHex(V6), Medium.IP);
        assertEquals("IP6 fe80::1.1 > ff02::1.2: [bad udp cksum 0x3a1b] UDP, length 4", line);
    }

    /** A router advertisement of a hundred options; the line is for people. */
    @Test
    void shouldNotTellOptionsWithoutEnd() {
        final String option = "0101010101010101";
        final String packet = "60000000 0330 3a ff fe800000000000000000000000000001"
                + "ff020000000000000000000000000001 86000000400000000000000000000000" + option.repeat(100);
        final String line = of(Frames.ofHex(packet), Medium.IP);
        assertEquals(16, line.split("source link-address", -1).length - 1);
        assertTrue(line.contains(", and more options"), line);
    }

    /** The longest packet there is, made of ICMP errors that quote each other: it must not exhaust the stack. */
    @ParameterizedTest
    @CsvSource({
        "4500 0000 0000 0000 4001 0000 0a000001 0a000002 03000000 00000000, 2",
        "60000000 0000 3a 40 fe800000000000000000000000000001 fe800000000000000000000000000002 01000000 00000000, 4"
    })
    void shouldTellOfOneQuoteAlone(final String error, final int lengthOffset) {
        final int size = error.replace(" ", "").length() / 2;
        final int count = 0xFFFF / size;
        final MemorySegment packet = Frames.ofHex(error.repeat(count));
        for (int i = 0; i < count; i++) {
            final int header = lengthOffset == 4 ? 40 : 0;
            Net.put16(packet, (long) i * size + lengthOffset, (count - i) * size - header);
        }
        final String line = of(packet, Medium.IP);
        assertTrue(line.endsWith("]"), line);
        assertEquals(2, line.split(" > ", -1).length - 1, line);
    }

    @Test
    void shouldNameTheStationsWhenAsked() {
        final MemorySegment frame = Frames.ofHex(
                "020000000001 020000000002 0806" + "0001080006040001020000000002c0000202000000000000c0000201");
        final StringBuilder out = new StringBuilder("> ");
        PacketText.append(frame, 0, (int) frame.byteSize(), Medium.ETHERNET, true, out);
        assertEquals(
                "> 02:00:00:00:00:02 > 02:00:00:00:00:01, ARP, Request who-has 192.0.2.1 tell 192.0.2.2, length 28",
                out.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "'', [|ip]",
        "45, IP [|ip]",
        "60, IP6 [|ip6]",
        "50, 'unknown IP version 5, length 1'",
        "4500001400000000401100000a0000010a000002, 'IP 10.0.0.1 > 10.0.0.2: bad header cksum 0x00, UDP [|udp]'",
        "46000054000000004011000a0a0000010a000002, 'IP 10.0.0.1 > 10.0.0.2: [|ip]'",
        "44000014000000004011000a0a0000010a000002, 'IP 10.0.0.1 > 10.0.0.2: bad header length 16 of 20'"
    })
    void shouldSayWhatIsCutOffOrWrong(final String hex, final String expected) {
        assertEquals(expected, of(Frames.ofHex(hex), Medium.IP));
    }

    @Test
    void shouldSayThatTheLinkCallsItAnotherFamily() {
        assertEquals(
                "IP6 wrong version 4, length 1", of(Frames.ofHex("020000000001020000000002 86dd 45"), Medium.ETHERNET));
    }

    @ParameterizedTest
    @EnumSource(Medium.class)
    void shouldSurviveEveryTruncation(final Medium medium) throws IOException {
        for (final Arguments packet : packets()) {
            final MemorySegment memory = Frames.ofHex((String) packet.get()[1]);
            final int start = medium.headerLength() == 0 ? 14 : 0;
            for (int length = 0; length <= memory.byteSize() - start; length++) {
                // A segment that ends where the packet ends shows every read behind it.
                final MemorySegment cut = memory.asSlice(start, length);
                assertFalse(of(cut, medium).contains("\n"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Medium.class)
    void shouldSurviveAnyBytes(final Medium medium) throws IOException {
        final SplittableRandom random = new SplittableRandom(11);
        for (final Arguments packet : packets()) {
            final byte[] whole =
                    Frames.bytes(Frames.ofHex((String) packet.get()[1]), 0, ((String) packet.get()[1]).length() / 2);
            final byte[] bytes = Arrays.copyOfRange(whole, medium.headerLength() == 0 ? 14 : 0, whole.length);
            for (int round = 0; round < 300; round++) {
                final byte[] changed = bytes.clone();
                for (int i = random.nextInt(1, 5); i > 0; i--) {
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt();
                }
                assertFalse(of(Frames.ofBytes(changed), medium).isEmpty());
            }
        }
    }

    static List<Arguments> packets() throws IOException {
        try (InputStream in = PacketTextTest.class.getResourceAsStream("/packets/text.tsv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> Arguments.of((Object[]) line.split("\t")))
                    .toList();
        }
    }

    private static String of(final MemorySegment memory, final Medium medium) {
        return PacketText.of(memory, 0, (int) memory.byteSize(), medium);
    }
}
