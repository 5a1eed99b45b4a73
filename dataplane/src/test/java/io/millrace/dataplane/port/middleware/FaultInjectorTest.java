package io.millrace.dataplane.port.middleware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Allocations;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FaultInjectorTest {
    private static final int PACKETS = 4000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(pools.pool(9000, 256));
    private final FaultInjector injector = new FaultInjector(42);
    private final Port port = MiddlewarePort.wrap(LoopbackPort.open(Medium.IP, 200, cache.pool(), 1, 8192), injector);
    private final PortQueue queue = port.queue(0, cache);
    private final long[] burst = new long[64];

    @AfterEach
    void close() {
        port.close();
    }

    private void inject(final Direction direction, final Faults faults) {
        if (direction == Direction.RECEIVED) {
            injector.onReceive(faults);
        } else {
            injector.onSend(faults);
        }
    }

    private void send(final int number, final long now) {
        final long[] one = {Frames.packet(cache, "%08x 00112233445566778899aabb".formatted(number))};
        assertEquals(1, queue.transmit(one, 0, 1, now));
    }

    /** All packets that come by a time, as hexadecimal text. */
    private List<String> receive(final long now) {
        final List<String> packets = new ArrayList<>();
        for (int n = queue.receive(burst, 64, now); n > 0; n = queue.receive(burst, 64, now)) {
            for (int i = 0; i < n; i++) {
                packets.add(Frames.hex(cache.pool(), burst[i]));
            }
            cache.free(burst, 0, n);
        }
        return packets;
    }

    private List<String> through(final int packets) {
        for (int i = 0; i < packets; i++) {
            send(i, i);
        }
        final List<String> received = new ArrayList<>();
        for (long now = packets; now < packets + 5000; now += 100) {
            received.addAll(receive(now));
        }
        return received;
    }

    private static String packet(final int number) {
        return "%08x00112233445566778899aabb".formatted(number);
    }

    @Test
    void shouldDoNothingUnlessAsked() {
        send(1, 0);
        assertEquals(List.of(packet(1)), receive(0));
        assertEquals(Faults.NONE, injector.onReceive());
        assertEquals(Faults.NONE, injector.onSend());
    }

    @ParameterizedTest
    @EnumSource
    void shouldLoseAboutAsManyAsAsked(final Direction direction) {
        inject(direction, Faults.builder().loss(0.25).build());
        final int received = through(PACKETS).size();
        assertEquals(PACKETS - received, injector.count(FaultCounter.LOST));
        assertTrue(Math.abs(received - 3000) < 150, "received " + received);
    }

    @ParameterizedTest
    @EnumSource
    void shouldFlipOneBitOfPackets(final Direction direction) {
        inject(direction, Faults.builder().corruption(1).build());
        final String changed = through(1).getFirst();
        int bits = 0;
        for (int i = 0; i < changed.length(); i++) {
            bits += Integer.bitCount(Character.digit(changed.charAt(i), 16)
                    ^ Character.digit(packet(0).charAt(i), 16));
        }
        assertEquals(1, bits);
        assertEquals(1, injector.count(FaultCounter.CORRUPTED));
    }

    @ParameterizedTest
    @EnumSource
    void shouldDuplicatePackets(final Direction direction) {
        inject(direction, Faults.builder().duplication(1).build());
        assertEquals(List.of(packet(0), packet(0), packet(1), packet(1)), through(2));
        assertEquals(2, injector.count(FaultCounter.DUPLICATED));
    }

    @Test
    void shouldLetPacketsOvertakeThoseThatAreHeldBack() {
        injector.onSend(Faults.builder().reorder(0.1, 500).build());
        final List<String> received = through(PACKETS);
        assertEquals(PACKETS, received.size());
        assertEquals(PACKETS, received.stream().distinct().count());
        int overtaken = 0;
        for (int i = 1; i < PACKETS; i++) {
            overtaken += received.get(i - 1).compareTo(received.get(i)) > 0 ? 1 : 0;
        }
        assertTrue(overtaken > 100, overtaken + " were overtaken");
        assertTrue(Math.abs(injector.count(FaultCounter.REORDERED) - 400) < 80);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldPacketsBackForAsLongAsAsked(final Direction direction) {
        inject(direction, Faults.builder().delay(1000, 200).build());
        send(1, 0);
        // What is delayed on its way in is on its way from when it is polled.
        assertEquals(List.of(), receive(0));
        assertEquals(List.of(), receive(999));
        assertEquals(List.of(packet(1)), receive(1200));
    }

    @Test
    void shouldKeepTheOrderWhenAllAreDelayedAlike() {
        injector.onSend(Faults.builder().delay(300, 0).build());
        final List<String> received = through(200);
        for (int i = 0; i < 200; i++) {
            assertEquals(packet(i), received.get(i));
        }
    }

    @Test
    void shouldLimitTheRateByATokenBucket() {
        injector.onReceive(Faults.builder().rate(1000, 5).build());
        for (int i = 0; i < 8; i++) {
            send(i, 0);
        }
        assertEquals(5, receive(0).size(), "the bucket is full in the beginning");
        assertEquals(3, injector.count(FaultCounter.OVER_RATE));
        send(8, 0);
        send(9, 0);
        assertEquals(List.of(packet(8)), receive(1999), "one token each millisecond");
        for (int i = 0; i < 8; i++) {
            send(i, 0);
        }
        assertEquals(5, receive(1L << 60).size(), "it holds no more after years");
    }

    @Test
    void shouldDropWhatIsTooLong() {
        injector.onSend(Faults.builder().longest(15).build());
        send(1, 0);
        injector.onSend(Faults.builder().longest(16).build());
        send(2, 0);
        assertEquals(List.of(packet(2)), receive(0));
        assertEquals(1, injector.count(FaultCounter.TOO_LONG));
    }

    @Test
    void shouldMutateWithoutEverLeavingTheBuffer() {
        injector.onReceive(Faults.builder().mutation(1).build());
        final Packet packet = new Packet(cache.pool());
        int changed = 0;
        for (int i = 0; i < 2000; i++) {
            send(i, 0);
            assertEquals(1, queue.receive(burst, 64, 0));
            packet.wrap(burst[0]);
            assertTrue(packet.length() >= 1 && packet.tailroom() >= 0, () -> packet.length() + " bytes");
            changed += Frames.hex(cache.pool(), burst[0]).equals(packet(i)) ? 0 : 1;
            cache.free(burst[0]);
        }
        assertTrue(changed > 1900, changed + " of 2000 were changed");
        assertEquals(2000, injector.count(FaultCounter.MUTATED));
    }

    @Test
    void shouldSwitchWhilePacketsAreOnTheirWay() {
        injector.onSend(Faults.builder().delay(100, 0).build());
        send(1, 0);
        injector.onSend(Faults.NONE);
        send(2, 50);
        assertEquals(List.of(packet(2)), receive(50));
        assertEquals(List.of(packet(1)), receive(100));
        send(3, 100);
        assertEquals(List.of(packet(3)), receive(100));
    }

    @Test
    void shouldTakeNoMoreThanThereIsRoomFor() {
        injector.onSend(Faults.builder().delay(1, 0).build());
        injector.onReceive(Faults.builder().delay(1, 0).build());
        final long[] many = new long[5000];
        assertEquals(5000, cache.allocate(many, 0, 5000));
        final int taken = queue.transmit(many, 0, 5000, 0);
        assertTrue(taken >= 4000 && taken < 5000, "took " + taken);
        cache.free(many, taken, 5000 - taken);
        assertEquals(0, queue.receive(burst, 64, 0));
    }

    @Test
    void shouldRepeatItselfWithTheSameSeed() {
        final Faults faults = Faults.builder()
                .loss(0.1)
                .corruption(0.1)
                .duplication(0.1)
                .reorder(0.1, 100)
                .mutation(0.1)
                .build();
        injector.onSend(faults);
        final List<String> first = through(500);
        final List<List<String>> others = new ArrayList<>();
        for (final long seed : new long[] {42, 43}) {
            final FaultInjector other = new FaultInjector(seed);
            other.onSend(faults);
            final LoopbackPort loopback = LoopbackPort.open(Medium.IP, 200, cache.pool(), 1, 8192);
            try (Port wrapped = MiddlewarePort.wrap(loopback, other)) {
                final PortQueue otherQueue = wrapped.queue(0, cache);
                final List<String> received = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    burst[0] = Frames.packet(cache, packet(i));
                    assertEquals(1, otherQueue.transmit(burst, 0, 1, i));
                }
                for (long now = 500; now < 5500; now += 100) {
                    for (int n = otherQueue.receive(burst, 64, now); n > 0; n = otherQueue.receive(burst, 64, now)) {
                        for (int i = 0; i < n; i++) {
                            received.add(Frames.hex(cache.pool(), burst[i]));
                        }
                        cache.free(burst, 0, n);
                    }
                }
                others.add(received);
            }
        }
        assertEquals(first, others.get(0));
        assertNotEquals(first, others.get(1));
    }

    @Test
    void shouldAllocateNothing() {
        final Faults faults = Faults.builder()
                .loss(0.1)
                .corruption(0.1)
                .duplication(0.1)
                .reorder(0.1, 10)
                .mutation(0.1)
                .rate(1_000_000, 100)
                .build();
        injector.onSend(faults);
        injector.onReceive(faults);
        final long allocated = Allocations.least(49_999, () -> circulate(50_000));
        assertTrue(allocated < 50_000, () -> allocated + " bytes for 50000 packets");
    }

    private void circulate(final int packets) {
        final Packet packet = new Packet(cache.pool());
        for (int i = 0; i < packets; i++) {
            burst[0] = cache.allocate();
            packet.wrap(burst[0]).length(60);
            queue.transmit(burst, 0, 1, i);
            cache.free(burst, 0, queue.receive(burst, 64, i));
        }
    }

    @Test
    void shouldRefuseFaultsThatMakeNoSense() {
        assertThrows(
                IllegalArgumentException.class, () -> Faults.builder().loss(1.5).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> Faults.builder().corruption(Double.NaN).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> Faults.builder().delay(-1, 0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> Faults.builder().reorder(0.5, 0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> Faults.builder().rate(1, 0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> Faults.builder().longest(-1).build());
    }
}
