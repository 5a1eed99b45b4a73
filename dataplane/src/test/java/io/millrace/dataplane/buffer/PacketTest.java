package io.millrace.dataplane.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class PacketTest {
    @Test
    void shouldReadAndWriteInNetworkByteOrder() {
        onPacket(64, packet -> {
            packet.put64(0, 0x0102_0304_0506_0708L);
            assertEquals(0x01, packet.u8(0));
            assertEquals(0x0203, packet.u16(1));
            assertEquals(0x0304_0506, packet.i32(2));
            assertEquals(0x0203_0405_0607L, packet.u48(1));
            packet.put48(8, 0xFFFE_FDFC_FBFAL);
            packet.put16(14, 0xABCD);
            packet.put32(16, 0xDEAD_BEEF);
            packet.put8(20, 0x1FF);
            assertEquals(0xFFFE_FDFC_FBFA_ABCDL, packet.i64(8));
            assertEquals(0xDEAD_BEEF, packet.i32(16));
            assertEquals(0xFF, packet.u8(20));
        });
    }

    @Test
    void shouldRefuseAccessBeyondTheLengthEvenWithinTheBuffer() {
        onPacket(20, packet -> {
            assertThrows(IndexOutOfBoundsException.class, () -> packet.u8(20));
            assertThrows(IndexOutOfBoundsException.class, () -> packet.i32(17));
            assertThrows(IndexOutOfBoundsException.class, () -> packet.put64(-1, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> packet.u16(Integer.MAX_VALUE));
        });
    }

    @Test
    void shouldMoveItsFrontWithinTheHeadroom() {
        onPacket(20, packet -> {
            packet.put8(0, 0x45);
            packet.prepend(14);
            assertEquals(34, packet.length());
            assertEquals(0x45, packet.u8(14));
            packet.stripFront(14);
            assertEquals(0x45, packet.u8(0));
            assertEquals(ArenaPool.DEFAULT_HEADROOM, packet.headroom());
            assertThrows(IndexOutOfBoundsException.class, () -> packet.prepend(ArenaPool.DEFAULT_HEADROOM + 1));
            assertThrows(IndexOutOfBoundsException.class, () -> packet.stripFront(21));
        });
    }

    @Test
    void shouldRefuseALengthThatDoesNotFit() {
        onPacket(20, packet -> {
            assertEquals(236, packet.tailroom());
            packet.length(256);
            assertThrows(IndexOutOfBoundsException.class, () -> packet.length(257));
        });
    }

    private static void onPacket(final int length, final Consumer<Packet> test) {
        try (ArenaPool pool = ArenaPool.create(2, 256)) {
            final PoolCache cache = new PoolCache(pool, 2);
            final Packet packet = new Packet(pool).wrap(cache.allocate()).length(length);
            test.accept(packet);
            cache.free(packet.handle());
            cache.flush();
            assertEquals(2, pool.available());
        }
    }
}
