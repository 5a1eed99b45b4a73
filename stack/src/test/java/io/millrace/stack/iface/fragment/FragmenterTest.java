package io.millrace.stack.iface.fragment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FragmenterTest {
    private static final int ID = 0x4321;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private PacketPool pool;
    private PacketStore packets;
    private Fragmenter fragmenter;

    @BeforeEach
    void create() {
        pool = pools.pool(2048);
        final PoolCache cache = pools.cache(pool);
        packets = new PacketStore(cache, 0);
        fragmenter = new Fragmenter(packets);
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_ipv4_fragment_size")
    void shouldFillEachMtuAsFarAsMultiplesOfEightAllow() {
        for (int mtu = 68; mtu <= 1500; mtu++) {
            final List<byte[]> fragments = split(packetV4(3000, new byte[0], 0), mtu);
            for (int i = 0; i < fragments.size() - 1; i++) {
                assertEquals((mtu - 20) / 8 * 8, fragments.get(i).length - 20);
            }
            assertTrue(fragments.getLast().length <= mtu);
        }
    }

    @Test
    void shouldCountWhatItWillMake() {
        for (int length = 30; length < 2000; length += 7) {
            final MemorySegment packet = packetV4(length, new byte[0], 0);
            assertEquals(split(packet, 300).size(), fragmenter.count(packet, 0, length, 300));
            assertTrue(length > 300 || fragmenter.count(packet, 0, length, 300) == 1);
        }
    }

    @Test
    @Origin("RFC 791 3.1")
    void shouldCopyThoseOptionsToLaterFragmentsThatAskForIt() {
        // Record route stays in the first fragment, router alert (copied) and security go with each.
        final byte[] options = {7, 7, 4, 0, 0, 0, 0, 1, (byte) 148, 4, 0, 0};
        final List<byte[]> fragments = split(packetV4(1000, options, 0), 400);
        assertEquals(32, (fragments.get(0)[0] & 0xF) * 4);
        for (final byte[] later : fragments.subList(1, fragments.size())) {
            assertEquals(24, (later[0] & 0xF) * 4);
            assertEquals((byte) 148, later[20]);
        }
        assertArrayEquals(payload(packetV4(1000, options, 0), 32), join(fragments));
    }

    @Test
    void shouldSplitAFragmentFurther() {
        final List<byte[]> fragments = split(packetV4(1020, new byte[0], Ipv4View.MORE_FRAGMENTS | 100), 500);
        assertEquals(3, fragments.size());
        int place = 800;
        for (final byte[] fragment : fragments) {
            final int flags = (fragment[6] & 0xFF) << 8 | (fragment[7] & 0xFF);
            assertEquals(Ipv4View.MORE_FRAGMENTS | place / 8, flags);
            place += fragment.length - 20;
        }
        assertEquals(800 + 1000, place);
    }

    @Test
    void shouldRefuseAFragmentThatNoDatagramHasRoomFor() {
        final MemorySegment beyond = packetV4(1000, new byte[0], 0x1FFF);
        assertEquals(0, fragmenter.count(beyond, 0, 1000, 500));
    }

    @Test
    @Origin("RFC 8200 4.5")
    void shouldRepeatWhatRoutersMustSeeInEachIpv6Fragment() {
        final MemorySegment packet = Frames.ofBytes(new byte[40 + 8 + 8 + 2000]);
        Ipv6View.write(packet, 0, 0, 0, 2016, 0, 64, 1, 2, 3, 4);
        Net.put64(packet, 40, 0x3c00_0104_0000_0000L); // hop-by-hop, then destination options
        Net.put64(packet, 48, 0x1100_0104_0000_0000L); // for the destination: UDP
        final int count = fragmenter.count(packet, 0, 2056, 1280);
        assertTrue(fragmenter.splitV6(packet, 0, 2056, 1280, count, ID));
        int place = 0;
        for (int i = 0; i < count; i++) {
            final byte[] fragment = Frames.bytes(pool, fragmenter.fragment(i));
            assertEquals(0, fragment[6]);
            assertEquals(44, fragment[40]);
            assertEquals(60, fragment[48]);
            assertEquals((i < count - 1 ? 1 : 0) | place, (fragment[50] & 0xFF) << 8 | (fragment[51] & 0xFF));
            place += fragment.length - 56;
            packets.free(fragmenter.fragment(i));
        }
        assertEquals(2008, place);
    }

    /** Raw sockets send what they are given. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 255})
    void shouldTakeAnOptionOfImpossibleLengthForTheLast(final int length) {
        final byte[] options = {1, 1, 1, 1, (byte) 148, (byte) length, 0x7F, 0x7E};
        final List<byte[]> fragments = split(packetV4(1000, options, 0), 400);
        for (final byte[] later : fragments.subList(1, fragments.size())) {
            assertEquals(24, (later[0] & 0xF) * 4);
            assertArrayEquals(Arrays.copyOfRange(options, 4, 8), Arrays.copyOfRange(later, 20, 24));
        }
        assertArrayEquals(payload(packetV4(1000, options, 0), 28), join(fragments));
    }

    /** An application may send fragments that it made; none of them is cut once more. */
    @Test
    void shouldNotSplitFragmentsOfIpv6() {
        final MemorySegment packet = Frames.ofBytes(new byte[2056]);
        Ipv6View.write(packet, 0, 0, 0, 2016, 44, 64, 1, 2, 3, 4);
        Net.put64(packet, 40, 0x1100_0001_0000_0000L);
        assertEquals(0, fragmenter.count(packet, 0, 2056, 1280));
        Ipv6View.write(packet, 0, 0, 0, 2016, 0, 64, 1, 2, 3, 4);
        Net.put64(packet, 40, 0x2c00_0104_0000_0000L);
        assertEquals(0, fragmenter.count(packet, 0, 2056, 1280));
    }

    private List<byte[]> split(final MemorySegment packet, final int mtu) {
        final int length = (int) packet.byteSize();
        final int count = fragmenter.count(packet, 0, length, mtu);
        assertTrue(fragmenter.splitV4(packet, 0, length, mtu, count));
        final List<byte[]> fragments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final long handle = fragmenter.fragment(i);
            final int header = Ipv4View.headerLength(pool.memory(), pool.dataOffset(handle));
            assertTrue(Ipv4View.verifies(pool.memory(), pool.dataOffset(handle), header));
            assertEquals(ID, Ipv4View.id(pool.memory(), pool.dataOffset(handle)));
            fragments.add(Frames.bytes(pool, handle));
            packets.free(handle);
        }
        return fragments;
    }

    private static MemorySegment packetV4(final int length, final byte[] options, final int flags) {
        final byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        System.arraycopy(options, 0, bytes, 20, options.length);
        final MemorySegment packet = Frames.ofBytes(bytes);
        Ipv4View.write(packet, 0, 0, length, ID, flags, 64, 17, 0xC0000201L, 0xC0000202L);
        Net.put8(packet, 0, 0x40 | (20 + options.length) / 4);
        return packet;
    }

    private static byte[] payload(final MemorySegment packet, final int header) {
        return Frames.bytes(packet, header, (int) packet.byteSize() - header);
    }

    private static byte[] join(final List<byte[]> fragments) {
        final List<Byte> all = new ArrayList<>();
        for (final byte[] fragment : fragments) {
            for (int i = (fragment[0] & 0xF) * 4; i < fragment.length; i++) {
                all.add(fragment[i]);
            }
        }
        final byte[] bytes = new byte[all.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = all.get(i);
        }
        return bytes;
    }
}
