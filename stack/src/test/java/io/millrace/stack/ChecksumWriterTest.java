package io.millrace.stack;

import static io.millrace.stack.Bytes.ethernet;
import static io.millrace.stack.Bytes.icmpv4;
import static io.millrace.stack.Bytes.ipv4;
import static io.millrace.stack.Bytes.ipv6;
import static io.millrace.stack.Bytes.join;
import static io.millrace.stack.Bytes.put16;
import static io.millrace.stack.Bytes.udp;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.node.ChecksumWriter;
import io.millrace.testkit.NodeHarness;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ChecksumWriterTest {
    private static final String DST = "02:00:00:00:00:01";
    private static final String SRC = "02:00:00:00:00:02";
    private static final byte[] DATA = {9, 8, 7};

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(16);
    private final NodeHarness node = NodeHarness.of(new ChecksumWriter("csum"), cache);

    @AfterEach
    void close() {
        node.close();
    }

    private static byte[] tcp(final String src, final String dst) {
        final byte[] segment = join(Bytes.hex("0016 c350 00000001 00000002 5010 1000 0000 0000"), DATA);
        put16(segment, 16, Bytes.transportChecksum(src, dst, 6, segment));
        return segment;
    }

    /** Spoils 16 bits and expects the node to write them as they were. */
    private void assertMended(final byte[] frame, final int... places) {
        final byte[] spoiled = frame.clone();
        for (final int place : places) {
            put16(spoiled, place, 0xBAD1);
        }
        assertBecomes(frame, spoiled);
    }

    private void assertBecomes(final byte[] expected, final byte[] frame) {
        node.frame(0, HexFormat.of().formatHex(frame)).poll(0);
        assertEquals(List.of(HexFormat.of().formatHex(expected)), node.out("out"));
    }

    @Test
    void shouldWriteHeaderAndTransportChecksumWhenThePacketIsIpv4() {
        final byte[] udp = udp("10.0.0.1", 53, "10.0.0.2", 54, DATA);
        assertMended(ethernet(DST, SRC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, udp)), 14 + 10, 14 + 20 + 6);
        final byte[] tcp = tcp("10.0.0.1", "10.0.0.2");
        assertMended(ethernet(DST, SRC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 6, tcp)), 14 + 10, 14 + 20 + 16);
        assertEquals(0, node.counted("untouched"));
    }

    @Test
    void shouldSkipOptionsWhenThereAreSome() {
        final byte[] udp = udp("10.0.0.1", 53, "10.0.0.2", 54, DATA);
        final byte[] options = Bytes.hex("01010101 94040000");
        assertMended(ethernet(DST, SRC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, options, udp)), 24, 14 + 28 + 6);
    }

    @Test
    void shouldWriteTheTransportChecksumWhenThePacketIsIpv6() {
        final byte[] udp = udp("2001:db8::1", 53, "2001:db8::2", 54, DATA);
        assertMended(ethernet(DST, SRC, 0x86DD, ipv6("2001:db8::1", "2001:db8::2", 17, udp)), 14 + 40 + 6);
        final byte[] tcp = tcp("2001:db8::1", "2001:db8::2");
        assertMended(ethernet(DST, SRC, 0x86DD, ipv6("2001:db8::1", "2001:db8::2", 6, tcp)), 14 + 40 + 16);
    }

    @Test
    void shouldFindTheHeaderWhenThereAreTagsAndPadding() {
        final byte[] udp = udp("10.0.0.1", 53, "10.0.0.2", 54, DATA);
        final byte[] frame = ethernet(DST, SRC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, udp));
        final byte[] tagged = join(Arrays.copyOf(frame, 12), Bytes.hex("8100 0005"), Bytes.from(frame, 12), DATA);
        assertMended(tagged, 18 + 10, 18 + 20 + 6);
    }

    @Test
    void shouldLeaveAUdpChecksumOfZero() {
        final byte[] udp = udp("10.0.0.1", 53, "10.0.0.2", 54, DATA);
        put16(udp, 6, 0);
        assertMended(ethernet(DST, SRC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, udp)), 14 + 10);
    }

    @Test
    void shouldWriteOnlyTheHeaderWhenItIsAFragmentOrAnotherProtocol() {
        final byte[] fragment = ipv4("10.0.0.1", "10.0.0.2", 17, udp("10.0.0.1", 53, "10.0.0.2", 54, DATA));
        fragment[6] = 0x20;
        put16(fragment, 20 + 6, 0x1234);
        assertMended(ethernet(DST, SRC, 0x0800, Bytes.sealIpv4(fragment)), 14 + 10);
        final byte[] icmp = icmpv4(8, 0, 1, DATA);
        put16(icmp, 2, 0x1234);
        assertMended(ethernet(DST, SRC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 1, icmp)), 14 + 10);
    }

    @Test
    void shouldPassTheRestUntouched() {
        final byte[] arp = ethernet(DST, SRC, 0x0806, DATA);
        assertBecomes(arp, arp);
        final byte[] cut = Arrays.copyOf(ethernet(DST, SRC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, DATA)), 36);
        assertBecomes(cut, cut);
        final byte[] shortUdp = ethernet(DST, SRC, 0x86DD, ipv6("2001:db8::1", "2001:db8::2", 17, DATA));
        assertBecomes(shortUdp, shortUdp);
        assertBecomes(DATA, DATA);
        assertEquals(4, node.counted("untouched"));
    }

    @Test
    void shouldNotTrustTheTotalLengthOfAnIpv4Header() {
        final byte[] data = new byte[32];
        final byte[] frame =
                ethernet(DST, SRC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, udp("10.0.0.1", 53, "10.0.0.2", 54, data)));
        final byte[] tooLong = frame.clone();
        put16(tooLong, 14 + 2, frame.length - 14 + 1);
        assertBecomes(tooLong, tooLong);
        final byte[] tooShort = frame.clone();
        put16(tooShort, 14 + 2, 19);
        assertBecomes(tooShort, tooShort);
        assertEquals(2, node.counted("untouched"));
        final byte[] noRoomForUdp = ipv4("10.0.0.1", "10.0.0.2", 17, data);
        put16(noRoomForUdp, 2, 27);
        assertMended(ethernet(DST, SRC, 0x0800, Bytes.sealIpv4(noRoomForUdp)), 14 + 10);
    }

    @Test
    void shouldWriteTheSameWhateverTheHeaderHolds() {
        final Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            final byte[] datagram = ipv4("10.0.0.1", "10.0.0.2", 17, udp("10.0.0.1", 53, "10.0.0.2", 54, DATA));
            for (int at = 1; at < 20; at++) {
                if (at < 2 || at > 3) {
                    datagram[at] = i % 3 == 0 ? (byte) -1 : (byte) random.nextInt();
                }
            }
            put16(datagram, 6, random.nextInt() & 0x4000);
            datagram[9] = 17;
            put16(datagram, 20 + 6, 0);
            final String src = address(datagram, 12);
            final String dst = address(datagram, 16);
            final int checksum = Bytes.transportChecksum(src, dst, 17, Bytes.from(datagram, 20));
            put16(datagram, 20 + 6, checksum == 0 ? 0xFFFF : checksum);
            assertMended(ethernet(DST, SRC, 0x0800, Bytes.sealIpv4(datagram)), 14 + 10, 14 + 20 + 6);
        }
    }

    private static String address(final byte[] bytes, final int at) {
        return (bytes[at] & 0xFF) + "." + (bytes[at + 1] & 0xFF) + "." + (bytes[at + 2] & 0xFF) + "."
                + (bytes[at + 3] & 0xFF);
    }
}
