package io.millrace.dataplane.port.middleware;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CongestionMarkerTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(pools.pool(4, 256));

    /** Second byte of the header, its first word and, for IPv4, the checksum. */
    @ParameterizedTest
    @CsvSource({
        // IPv4: ECT(0), ECT(1), already marked, not capable.
        "ETHERNET, 020000000002020000000001 0800, 45020014 00004000 4006 26e0, 45030014 00004000 4006 26df",
        "ETHERNET, 020000000002020000000001 0800, 45010014 00004000 4006 26e1, 45030014 00004000 4006 26df",
        "ETHERNET, 020000000002020000000001 0800, 45030014 00004000 4006 26df, 45030014 00004000 4006 26df",
        "ETHERNET, 020000000002020000000001 0800, 45b80014 00004000 4006 262a, 45b80014 00004000 4006 262a",
        "IP, '', 45020014 00004000 4006 26e0, 45030014 00004000 4006 26df",
        // IPv6: ECT(0) beside a DSCP and a flow label, not capable.
        "ETHERNET, 020000000002020000000001 86dd, 6ba12345 0000 3b40, 6bb12345 0000 3b40",
        "IP, '', 6ba12345 0000 3b40, 6bb12345 0000 3b40",
        "IP, '', 6b812345 0000 3b40, 6b812345 0000 3b40",
        // Neither of them.
        "ETHERNET, 020000000002020000000001 0806, 00020800 06040001 0000 0000, 00020800 06040001 0000 0000"
    })
    void shouldMarkWhatIsCapableAndKeepTheChecksumRight(Medium medium, String link, String before, String after) {
        final String rest = before.startsWith("6") ? "00".repeat(32) : "0a000001 0a000002";
        assertEquals((link + after + rest).replace(" ", ""), mutated(medium, link + before + rest));
    }

    @ParameterizedTest
    @CsvSource({"IP, 45020014", "IP, 60200000 0000 3b40 00", "ETHERNET, 020000000002020000000001 0800"})
    void shouldLeaveAloneWhatIsTooShort(Medium medium, String packet) {
        assertEquals(packet.replace(" ", ""), mutated(medium, packet));
    }

    private String mutated(Medium medium, String packet) {
        final long handle = Frames.packet(cache, packet);
        final int length = BufferHeader.length(cache.pool().memory(), handle);
        final int now = new CongestionMarker(medium)
                .mutate(
                        Direction.RECEIVED,
                        new SplittableRandom(1),
                        cache.pool().memory(),
                        cache.pool().dataOffset(handle),
                        length,
                        256);
        assertEquals(length, now);
        final String hex = Frames.hex(cache.pool(), handle);
        cache.free(handle);
        return hex;
    }
}
