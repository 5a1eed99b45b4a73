package io.millrace.dataplane.port.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CaptureOptionsTest {
    private static final String SECTION = "0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffffffffffff 1c000000";
    private static final String ETHERNET_NANOS =
            "01000000 20000000 01000000 00000400 09000100 09000000 00000000 20000000";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @TempDir
    Path folder;

    private final PoolCache cache = pools.cache(256);
    private final long[] burst = new long[64];

    private static byte[] bytes(final String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private PcapFile write(final CaptureOptions options, final List<String> packets, final long gapMicros) {
        final LoopbackPort loopback = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 256);
        final PcapFile file = PcapFile.create(folder.resolve("out.pcap"), Medium.ETHERNET, 0, options);
        try (file;
                Port port = file.capture(loopback)) {
            final PortQueue queue = port.queue(0, cache);
            long now = 0;
            for (final String packet : packets) {
                burst[0] = Frames.packet(cache, packet);
                assertEquals(1, queue.transmit(burst, 0, 1, now));
                // Polling is what has old packets written.
                cache.free(burst, 0, queue.receive(new long[0], 0, now + gapMicros - 1));
                now += gapMicros;
            }
        }
        return file;
    }

    private static List<String> read(final Path path) {
        final List<String> packets = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(path)) {
            while (reader.next()) {
                packets.add(reader.timeNanos() + " " + Frames.hex(reader.memory(), reader.offset(), reader.length()));
            }
            assertFalse(reader.cut());
        }
        return packets;
    }

    @Test
    void shouldWritePcapngByteForByte() throws IOException {
        final Path path = folder.resolve("out.pcapng");
        final LoopbackPort loopback = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 8);
        final CaptureOptions options = CaptureOptions.DEFAULT.withFormat(CaptureFormat.PCAPNG);
        try (PcapFile file = PcapFile.create(path, Medium.ETHERNET, 1_700_000_000_000_000L, options);
                Port port = file.capture(loopback)) {
            final PortQueue queue = port.queue(0, cache);
            burst[0] = Frames.packet(cache, "0a0b0c0d0e");
            assertEquals(1, queue.transmit(burst, 0, 1, 5));
            assertEquals(1, queue.receive(burst, 8, 6));
            cache.free(burst[0]);
        }
        // 1700000000000005 us = 0x17979CFE362A1388 ns, and 1000 ns more
        assertArrayEquals(
                bytes(SECTION + ETHERNET_NANOS
                        + "06000000 34000000 00000000 fe9c9717 88132a36 05000000 05000000 0a0b0c0d0e000000"
                        + "02000400 02000000 00000000 34000000"
                        + "06000000 34000000 00000000 fe9c9717 70172a36 05000000 05000000 0a0b0c0d0e000000"
                        + "02000400 01000000 00000000 34000000"),
                Files.readAllBytes(path));
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadWhatItWroteInEveryFormat(final CaptureFormat format) {
        final List<String> packets = List.of("aa", "bbbb", "cccccc", "dddddddd", "");
        final PcapFile file = write(CaptureOptions.DEFAULT.withFormat(format), packets, 7);
        assertEquals(List.of(folder.resolve("out.pcap")), file.files());
        final List<String> read = read(folder.resolve("out.pcap"));
        assertEquals(List.of("0 aa", "7000 bbbb", "14000 cccccc", "21000 dddddddd", "28000 "), read);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepTheLengthOfPacketsThatItCuts(final CaptureFormat format) throws IOException {
        final Path path = folder.resolve("out.pcap");
        write(CaptureOptions.DEFAULT.withFormat(format).withSnapLength(3), List.of("0102030405", "06"), 7);
        assertEquals(List.of("0 010203", "7000 06"), read(path));
        final String file = HexFormat.of().formatHex(Files.readAllBytes(path));
        assertTrue(file.contains("0300000005000000010203"), file);
    }

    @Test
    void shouldBeginTheNextFileAtASizeAndKeepTheLatest() {
        final List<String> packets = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            packets.add("%02x".formatted(i).repeat(1000));
        }
        // Each packet is written on its own, a second after the one before; two fit into a file.
        final PcapFile file = write(CaptureOptions.DEFAULT.withRotation(2100, Duration.ZERO, 3), packets, 1_000_001);
        assertEquals(
                List.of("out_00003.pcap", "out_00004.pcap", "out_00005.pcap"),
                file.files().stream().map(path -> path.getFileName().toString()).toList());
        assertFalse(Files.exists(folder.resolve("out_00002.pcap")));
        assertFalse(Files.exists(folder.resolve("out.pcap")));
        final List<String> read = new ArrayList<>();
        file.files().forEach(path -> read.addAll(read(path)));
        assertEquals(6, read.size());
        assertTrue(read.getFirst().contains(" 0404"), read.getFirst());
        assertTrue(read.getLast().contains(" 0909"), read.getLast());
    }

    @Test
    void shouldBeginTheNextFileAtAnAge() {
        final PcapFile file = write(
                CaptureOptions.DEFAULT.withRotation(0, Duration.ofSeconds(3), 0),
                List.of("01", "02", "03", "04", "05", "06", "07"),
                1_000_001);
        assertEquals(
                List.of(3, 3, 1),
                file.files().stream().map(path -> read(path).size()).toList());
    }

    @Test
    void shouldWriteOnlyWhatItsFilterWantsWhenThePortTakesAPart() {
        final LoopbackPort loopback = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 4);
        final CaptureOptions options =
                CaptureOptions.DEFAULT.withFilter(PacketFilter.compile("len > 1", Medium.ETHERNET));
        final PcapFile file = PcapFile.create(folder.resolve("out.pcap"), Medium.ETHERNET, 0, options);
        try (file;
                Port port = file.capture(loopback)) {
            final PortQueue queue = port.queue(0, cache);
            final List<String> packets = List.of("0a", "0b0b", "0c", "0d0d0d", "0e", "0f0f");
            for (int i = 0; i < packets.size(); i++) {
                burst[i] = Frames.packet(cache, packets.get(i));
            }
            assertEquals(4, queue.transmit(burst, 0, packets.size(), 1));
            cache.free(burst, 4, 2);
            assertEquals(4, queue.receive(burst, 64, 2));
            cache.free(burst, 0, 4);
        }
        assertEquals(List.of("1000 0b0b", "1000 0d0d0d", "2000 0b0b", "2000 0d0d0d"), read(folder.resolve("out.pcap")));
        assertThrows(
                IllegalArgumentException.class,
                () -> PcapFile.create(folder.resolve("ip.pcap"), Medium.IP, 0, options));
    }

    @Test
    void shouldWriteItsCommentIntoTheHead() throws IOException {
        final CaptureOptions options =
                CaptureOptions.DEFAULT.withFormat(CaptureFormat.PCAPNG).withComment("hi!");
        PcapFile.create(folder.resolve("out.pcapng"), Medium.ETHERNET, 0, options)
                .close();
        assertArrayEquals(
                bytes("0a0d0d0a 28000000 4d3c2b1a 01000000 ffffffffffffffff 01000300 68692100 00000000 28000000"
                        + ETHERNET_NANOS),
                Files.readAllBytes(folder.resolve("out.pcapng")));
        assertEquals(List.of(), read(folder.resolve("out.pcapng")));
        assertThrows(IllegalArgumentException.class, () -> CaptureOptions.DEFAULT.withComment("hi!"));
        assertThrows(IllegalArgumentException.class, () -> options.withComment("a".repeat(1001)));
    }

    @Test
    void shouldReadCommentsOfPackets() throws IOException {
        final Path path = Files.write(
                folder.resolve("comments.pcapng"),
                bytes(SECTION + ETHERNET_NANOS
                        + "06000000 34000000 00000000 00000000 01000000 01000000 01000000 aa000000"
                        + "02000400 01000000 01000200 68690000 34000000"
                        + "06000000 24000000 00000000 00000000 02000000 01000000 01000000 bb000000 24000000"
                        // a comment that is longer than its block
                        + "06000000 2c000000 00000000 00000000 02000000 01000000 01000000 cc000000"
                        + "0100ff00 68690000 2c000000"));
        try (PcapReader reader = PcapReader.open(path)) {
            assertTrue(reader.next());
            assertEquals("hi", reader.comment());
            assertTrue(reader.next());
            assertNull(reader.comment());
            assertTrue(reader.next());
            assertNull(reader.comment());
            assertFalse(reader.next());
        }
    }

    @Test
    void shouldRefuseOptionsThatMakeNoSense() {
        final CaptureOptions options = CaptureOptions.DEFAULT;
        assertThrows(IllegalArgumentException.class, () -> options.withSnapLength(0));
        assertThrows(IllegalArgumentException.class, () -> options.withRotation(0, Duration.ZERO, 3));
        assertThrows(IllegalArgumentException.class, () -> options.withRotation(-1, Duration.ZERO, 0));
        assertThrows(IllegalArgumentException.class, () -> options.withRotation(1, Duration.ofSeconds(-1), 0));
    }

    @Test
    void shouldReadSimplePacketsOfTheOtherByteOrderAndIgnoreWhatItDoesNotKnow() throws IOException {
        final Path path = Files.write(
                folder.resolve("big.pcapng"),
                bytes("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffffffffffff 0000001c"
                        // a comment, in a block of an unknown type
                        + "0bad0bad 00000010 68656c6c 00000010"
                        // microseconds, being silent of it; raw IP; a second interface in units of 2^-10 s
                        + "00000001 00000014 00650000 00000000 00000014"
                        + "00000001 00000020 00650000 00000000 00090001 8a000000 00000000 00000020"
                        + "00000003 00000014 00000002 45aa0000 00000014"
                        + "00000006 00000024 00000000 00000001 00000002 00000001 00000001 bb000000 00000024"
                        + "00000006 00000024 00000001 00000000 00000200 00000001 00000001 cc000000 00000024"
                        // of an interface that there is not, and longer than its block
                        + "00000006 00000024 00000007 00000000 00000400 00000001 00000001 dd000000 00000024"
                        + "00000006 00000024 00000000 00000000 00000400 00000009 00000009 ee000000 00000024"));
        assertEquals(List.of("0 45aa", "4294967298000 bb", "500000000 cc"), read(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "06000000",
                "06000000 34000000 00000000",
                "06000000 05000000 05000000",
                "06000000 ffffffff ffffffff"
            })
    void shouldStopWhereAPcapngIsCutOff(final String rest) throws IOException {
        final Path path = Files.write(folder.resolve("cut.pcapng"), bytes(SECTION + ETHERNET_NANOS + rest));
        try (PcapReader reader = PcapReader.open(path)) {
            assertFalse(reader.next());
            assertTrue(reader.cut());
        }
    }

    @Test
    void shouldRefuseAPcapngWithoutAnInterface() throws IOException {
        final Path path = Files.write(folder.resolve("none.pcapng"), bytes(SECTION));
        final PortException e = assertThrows(PortException.class, () -> PcapReader.open(path));
        assertTrue(e.toString().contains("without an interface"), e.toString());
    }

    @Test
    void shouldReplayAtAnotherSpeed() {
        write(CaptureOptions.DEFAULT, List.of("aa", "bb", "cc"), 100);
        try (PcapReplayPort port = PcapReplayPort.open(folder.resolve("out.pcap"), cache.pool(), 4)) {
            final PortQueue queue = port.queue(0, cache);
            assertEquals(1, queue.receive(burst, 8, 1000));
            assertEquals(1025, port.nextArrival());
            cache.free(burst[0]);
            assertEquals(0, queue.receive(burst, 8, 1024));
            assertEquals(2, queue.receive(burst, 8, 1050));
            cache.free(burst, 0, 2);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> PcapReplayPort.open(folder.resolve("out.pcap"), cache.pool(), -1));
    }
}
