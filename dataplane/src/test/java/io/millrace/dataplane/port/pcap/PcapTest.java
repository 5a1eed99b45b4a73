package io.millrace.dataplane.port.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Await;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PcapTest {
    private static final String HEADER = "d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @TempDir
    Path folder;

    private final PoolCache cache = pools.cache(512);
    private final long[] burst = new long[256];

    private Path file(final String hex) throws IOException {
        return Files.write(folder.resolve("in.pcap"), HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static List<String> packets(final Path path) {
        final List<String> packets = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(path)) {
            while (reader.next()) {
                packets.add(reader.timeMicros() + " " + Frames.hex(reader.memory(), reader.offset(), reader.length()));
            }
            assertFalse(reader.cut());
        }
        return packets;
    }

    @Test
    void shouldWriteTheFormatByteForByte() throws IOException {
        final Path path = folder.resolve("out.pcap");
        final LoopbackPort loopback = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 8);
        try (PcapFile file = PcapFile.create(path, Medium.ETHERNET, 1_700_000_000_000_000L);
                Port port = file.capture(loopback)) {
            burst[0] = Frames.packet(cache, "0a0b0c");
            assertEquals(1, port.queue(0, cache).transmit(burst, 0, 1, 1_000_005));
        }
        assertArrayEquals(
                HexFormat.of().parseHex((HEADER + "01f15365 05000000 03000000 03000000 0a0b0c").replace(" ", "")),
                Files.readAllBytes(path));
    }

    @Test
    void shouldCaptureWhatIsSentAndReceivedAndOnlyThat() {
        final Path path = folder.resolve("out.pcap");
        final LoopbackPort loopback = LoopbackPort.open(Medium.IP, 1500, cache.pool(), 1, 2);
        try (PcapFile file = PcapFile.create(path, Medium.IP, 0);
                Port port = file.capture(loopback)) {
            final PortQueue queue = port.queue(0, cache);
            for (int i = 0; i < 3; i++) {
                burst[i] = Frames.packet(cache, "4%d".formatted(i));
            }
            assertEquals(2, queue.transmit(burst, 0, 3, 10), "the loopback takes two");
            assertEquals(2, queue.receive(new long[2], 2, 20));
            cache.free(burst, 0, 3);
            assertNull(file.failure());
        }
        assertEquals(List.of("10 40", "10 41", "20 40", "20 41"), packets(path));
    }

    @Test
    void shouldKeepEveryPacketWhenABurstIsLargerThanTheBuffer() {
        final Path path = folder.resolve("out.pcap");
        final LoopbackPort loopback = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 250);
        try (PcapFile file = PcapFile.create(path, Medium.ETHERNET, 0);
                Port port = file.capture(loopback)) {
            final PortQueue queue = port.queue(0, cache);
            for (int i = 0; i < burst.length; i++) {
                burst[i] = Frames.packet(cache, "%04x".formatted(i) + "00".repeat(1500));
            }
            assertEquals(256, queue.transmit(burst, 0, 256, 1));
            assertEquals(256, queue.receive(burst, 256, 2));
            cache.free(burst, 0, 256);
        }
        final List<String> packets = packets(path);
        assertEquals(512, packets.size());
        for (int i = 0; i < 512; i++) {
            final String start = (i / 256 + 1) + " " + "%04x".formatted(i % 256);
            assertTrue(packets.get(i).startsWith(start), () -> packets.get(300).substring(0, 10));
        }
    }

    @Test
    @Timeout(300)
    void shouldWriteWhatIsASecondOldWhenPolled() throws Exception {
        final Path path = folder.resolve("out.pcap");
        final LoopbackPort loopback = LoopbackPort.open(Medium.IP, 1500, cache.pool(), 1, 2);
        try (PcapFile file = PcapFile.create(path, Medium.IP, 0);
                Port port = file.capture(loopback)) {
            final PortQueue queue = port.queue(0, cache);
            burst[0] = Frames.packet(cache, "45");
            queue.transmit(burst, 0, 1, 0);
            queue.receive(burst, 1, 999_999);
            assertEquals(24, Files.size(path));
            queue.receive(burst, 1, 1_000_000);
            Await.until("written by the capture's thread", () -> Files.size(path) >= 24 + 2 * 17);
            assertEquals(24 + 2 * 17, Files.size(path));
            cache.free(burst[0]);
        }
    }

    @Test
    void shouldRefuseAFileThatTakesNoHeader() {
        final Path full = Path.of("/dev/full");
        final PortException e = assertThrows(PortException.class, () -> PcapFile.create(full, Medium.IP, 0));
        assertTrue(e.toString().contains("cannot write the capture /dev/full"), e.toString());
    }

    @Test
    void shouldCarryPacketsOnWhenTheFileCannotBeWrittenAnyMore() {
        final LoopbackPort loopback = LoopbackPort.open(Medium.IP, 1500, cache.pool(), 1, 2);
        final PcapFile file = PcapFile.create(folder.resolve("out.pcap"), Medium.IP, 0);
        file.close();
        try (loopback) {
            final PcapWriterQueue queue = new PcapWriterQueue(loopback.queue(0, cache), cache.pool(), file);
            burst[0] = Frames.packet(cache, "45");
            assertEquals(1, queue.transmit(burst, 0, 1, 0));
            assertEquals(1, queue.receive(burst, 1, 2_000_000));
            cache.free(burst[0]);
            assertEquals(2, queue.counters().get(PcapCounter.NOT_CAPTURED));
            assertNotNull(file.failure());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "missing/out.pcap"})
    void shouldSayWhyACaptureCannotBeWritten(final String name) {
        final PortException e =
                assertThrows(PortException.class, () -> PcapFile.create(folder.resolve(name), Medium.IP, 0));
        assertFalse(e.toString().contains("\n"), e.toString());
        assertTrue(e.toString().contains("folder"), e.toString());
    }

    @Test
    void shouldReadBothByteOrdersAndNanoseconds() throws IOException {
        assertEquals(
                List.of("1000002 aa", "5000000 bbcc"),
                packets(file(HEADER + "01000000 02000000 01000000 01000000 aa"
                        + "05000000 00000000 02000000 09000000 bbcc")));
        assertEquals(
                List.of("1000002 aa"),
                packets(file("a1b23c4d 0002 0004 00000000 00000000 00040000 00000065"
                        + "00000001 000007d1 00000001 00000001 aa")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "d4c3",
                "0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffff ffffffff",
                "00 00 00 00 00000000 00000000" + "00000000 00000000 00000000",
                "d4c3b2a1 0200 0400 00000000 00000000 00000400 e7000000"
            })
    void shouldRefuseWhatIsNoCaptureOfPackets(final String hex) throws IOException {
        final Path path = file(hex);
        final PortException e = assertThrows(PortException.class, () -> PcapReader.open(path));
        assertTrue(e.toString().contains(path.toString()), e.toString());
    }

    @Test
    void shouldStopWhereTheFileIsCutOff() throws IOException {
        for (final String rest :
                List.of("0100", "01000000 02000000 05000000 05000000 aa", "01000000 02000000 ffffffff ffffffff aa")) {
            try (PcapReader reader = PcapReader.open(file(HEADER + rest))) {
                assertFalse(reader.next());
                assertTrue(reader.cut());
            }
        }
    }

    @Test
    void shouldReplayPacketsAsFarApartAsTheyWereCaptured() throws IOException {
        final Path path =
                file(HEADER + "01000000 00000000 01000000 01000000 aa" + "01000000 64000000 02000000 02000000 bbcc");
        try (PcapReplayPort port = PcapReplayPort.open(path, cache.pool(), true)) {
            final PortQueue queue = port.queue(0, cache);
            assertEquals(1, queue.receive(burst, 8, 5000));
            assertEquals("aa", Frames.hex(cache.pool(), burst[0]));
            assertEquals(5100, port.nextArrival());
            assertEquals(0, queue.receive(burst, 8, 5099));
            cache.free(burst[0]);
            assertEquals(1, queue.receive(burst, 8, 5100));
            assertEquals("bbcc", Frames.hex(cache.pool(), burst[0]));
            assertEquals(Long.MAX_VALUE, port.nextArrival());
            assertEquals(1, queue.transmit(burst, 0, 1, 5101));
            assertEquals(1, port.stats().txPackets());
            assertEquals(3, port.stats().rxBytes());
        }
    }

    @Test
    void shouldReplayAsFastAsPolledAndLeaveOutWhatDoesNotFit() throws IOException {
        final PoolCache small = pools.cache(pools.pool(4, 4));
        final Path path = file(
                HEADER + "01000000 00000000 05000000 05000000 aaaaaaaaaa" + "09000000 64000000 02000000 02000000 bbcc");
        try (PcapReplayPort port = PcapReplayPort.open(path, small.pool(), false)) {
            final PortQueue queue = port.queue(0, small);
            assertEquals(1, queue.receive(burst, 8, 0));
            assertEquals("bbcc", Frames.hex(small.pool(), burst[0]));
            assertEquals(1, port.stats().rxErrors());
            small.free(burst[0]);
        }
    }

    @Test
    void shouldReplayWhatItCaptured() {
        final Path path = folder.resolve("out.pcap");
        final LoopbackPort loopback = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 64);
        final List<String> sent = new ArrayList<>();
        try (PcapFile file = PcapFile.create(path, Medium.ETHERNET, 0);
                Port port = file.capture(loopback)) {
            final PortQueue queue = port.queue(0, cache);
            for (int i = 0; i < 50; i++) {
                sent.add("%02x".formatted(i).repeat(i + 1));
                burst[i] = Frames.packet(cache, sent.get(i));
            }
            assertEquals(50, queue.transmit(burst, 0, 50, 0));
        }
        try (PcapReplayPort port = PcapReplayPort.open(path, cache.pool(), false)) {
            final int count = port.queue(0, cache).receive(burst, burst.length, 0);
            assertEquals(
                    sent,
                    Arrays.stream(burst, 0, count)
                            .mapToObj(handle -> Frames.hex(cache.pool(), handle))
                            .toList());
            cache.free(burst, 0, count);
        }
    }
}
