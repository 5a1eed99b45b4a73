package io.millrace.dataplane.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class FlowHashTest {
    /** The key and two of the vectors that Microsoft publishes for receive-side scaling. */
    private static final byte[] PUBLISHED_KEY =
            HexFormat.of().parseHex("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");

    /** The definition: for each bit that is set in the input, the 32 bits of the key from there. */
    private static int toeplitz(final byte[] key, final byte[] input) {
        int result = 0;
        for (int bit = 0; bit < input.length * 8; bit++) {
            if ((input[bit / 8] >> (7 - bit % 8) & 1) != 0) {
                for (int i = 0; i < 32; i++) {
                    final int at = bit + i;
                    result ^= (key[at / 8] >> (7 - at % 8) & 1) << (31 - i);
                }
            }
        }
        return result;
    }

    private static byte[] v4(final int src, final int dst, final int ports) {
        return ByteBuffer.allocate(12).putInt(src).putInt(dst).putInt(ports).array();
    }

    private static byte[] v6(final long sh, final long sl, final long dh, final long dl, final int ports) {
        return ByteBuffer.allocate(36)
                .putLong(sh)
                .putLong(sl)
                .putLong(dh)
                .putLong(dl)
                .putInt(ports)
                .array();
    }

    @Test
    void shouldHaveAReferenceThatAgreesWithThePublishedVectors() {
        // 66.9.149.187:2794 to 161.142.100.80:1766
        final byte[] flow = v4(0x420995BB, 0xA18E6450, 2794 << 16 | 1766);
        assertEquals(0x51CCC178, toeplitz(PUBLISHED_KEY, flow));
        assertEquals(0x323E8FC2, toeplitz(PUBLISHED_KEY, Arrays.copyOf(flow, 8)));
    }

    @Test
    void shouldAgreeWithToeplitzUnderItsOwnKey() {
        final SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 200; i++) {
            final FlowHash hash = new FlowHash(random.nextLong());
            final byte[] key = hash.key(40);
            final int src = random.nextInt();
            final int dst = random.nextInt();
            final int ports = random.nextInt();
            assertEquals(
                    toeplitz(key, v4(src, dst, ports)), hash.hash(0, src & 0xFFFF_FFFFL, 0, dst & 0xFFFF_FFFFL, ports));
            final long sh = random.nextLong();
            final long sl = random.nextLong();
            final long dh = random.nextLong();
            final long dl = random.nextLong();
            assertEquals(toeplitz(key, v6(sh, sl, dh, dl, ports)), hash.hash(sh, sl, dh, dl, ports));
        }
    }

    @Test
    void shouldBeTheSameInBothDirections() {
        final SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 1000; i++) {
            final FlowHash hash = new FlowHash(random.nextLong());
            final long sh = random.nextLong();
            final long sl = random.nextLong();
            final long dh = random.nextLong();
            final long dl = random.nextLong();
            final int ports = random.nextInt();
            assertEquals(hash.hash(sh, sl, dh, dl, ports), hash.hash(dh, dl, sh, sl, ports << 16 | ports >>> 16));
        }
    }

    @Test
    void shouldSpreadPortsEvenlyWhateverTheKey() {
        for (int key = 0; key < 0x10000; key += 257) {
            final FlowHash hash = new FlowHash(key);
            final int[] perShard = new int[4];
            for (int port = 0; port < 0x10000; port++) {
                perShard[FlowHash.shard(hash.hash(0, 0x0A000001, 0, 0x0A000002, port << 16 | 80), 4)]++;
            }
            assertArrayEquals(new int[] {16384, 16384, 16384, 16384}, perShard, "key " + key);
        }
    }

    @Test
    void shouldUseEveryShardForNeighbouringPortsWhateverTheKey() {
        for (int key = 0; key < 500; key++) {
            final FlowHash hash = new FlowHash(key);
            for (int shards = 1; shards <= 5; shards++) {
                final boolean[] seen = new boolean[shards];
                for (int port = 0x9C00; port < 0x9D00; port++) {
                    seen[FlowHash.shard(hash.hash(0, 0x0A000001, 0, 0x0A000002, port << 16 | 80), shards)] = true;
                }
                for (final boolean one : seen) {
                    assertTrue(one, "key " + key + " with " + shards + " shards");
                }
            }
        }
    }

    @Test
    void shouldRedirectEachHashToItsShardWhenTheTableIsLargeEnough() {
        for (final int entries : new int[] {64, 128, 512}) {
            for (int shards = 1; shards <= 16; shards++) {
                final int[] table = FlowHash.redirectionTable(entries, shards);
                boolean exact = true;
                for (int hash = 0; hash < 4096; hash++) {
                    exact &= table[hash & (entries - 1)] == FlowHash.shard(hash, shards);
                }
                assertEquals(exact, FlowHash.isExact(entries, shards), entries + " entries, " + shards + " shards");
            }
        }
    }
}
