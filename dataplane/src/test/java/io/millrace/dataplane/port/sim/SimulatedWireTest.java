package io.millrace.dataplane.port.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.testkit.FakeClock;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class SimulatedWireTest {
    private static final int CAPACITY = 256;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final FakeClock clock = new FakeClock();
    private final PoolCache cacheA = pools.cache(CAPACITY);
    private final PoolCache cacheB = pools.cache(CAPACITY);
    private final long[] burst = new long[32];
    private SimulatedWire wire = SimulatedWire.ethernet(cacheA.pool(), cacheB.pool(), WireConditions.PERFECT, 1);
    private PortQueue a = wire.a().queue(0, cacheA);
    private PortQueue b = wire.b().queue(0, cacheB);

    @AfterEach
    void close() {
        wire.close();
    }

    private void wire(final WireConditions conditions, final long seed) {
        wire = SimulatedWire.ethernet(cacheA.pool(), cacheB.pool(), conditions, seed);
        a = wire.a().queue(0, cacheA);
        b = wire.b().queue(0, cacheB);
    }

    private void send(final String hex) {
        final long[] one = {Frames.packet(cacheA, hex)};
        assertEquals(1, a.transmit(one, 0, 1, clock.now()));
    }

    /** Sends {@code count} packets of 60 bytes that hold their number. */
    private void sendNumbered(final int count) {
        for (int i = 0; i < count; i++) {
            send("%08x".formatted(i) + "00".repeat(56));
        }
    }

    /** What b receives now, as hexadecimal text. */
    private List<String> received() {
        final List<String> frames = new ArrayList<>();
        for (int n = b.receive(burst, burst.length, clock.now());
                n > 0;
                n = b.receive(burst, burst.length, clock.now())) {
            for (int i = 0; i < n; i++) {
                frames.add(Frames.hex(cacheB.pool(), burst[i]));
                cacheB.free(burst[i]);
            }
        }
        return frames;
    }

    /** A frame and when it arrived, in microseconds. */
    private record Arrival(long micros, String frame) {}

    /** What b receives until nothing is in flight. */
    private List<Arrival> receivedOverTime() {
        final List<Arrival> frames = new ArrayList<>();
        while (wire.nextArrival() != Long.MAX_VALUE) {
            clock.advanceTo(wire.nextArrival());
            received().forEach(frame -> frames.add(new Arrival(clock.now(), frame)));
        }
        return frames;
    }

    @Test
    void shouldDeliverAtOnceAndInOrderWhenPerfect() {
        send("01");
        send("0203");
        assertEquals(List.of("01", "0203"), received());
        assertEquals(CAPACITY, cacheA.pool().available() + cacheA.count(), "the sender's buffers are free again");
    }

    @Test
    void shouldCarryBothDirections() {
        final long[] one = {Frames.packet(cacheB, "beef")};
        assertEquals(1, b.transmit(one, 0, 1, 0));
        assertEquals(0, b.receive(burst, 1, 0));
        assertEquals(1, a.receive(burst, 1, 0));
        assertEquals("beef", Frames.hex(cacheA.pool(), burst[0]));
        cacheA.free(burst[0]);
    }

    @Test
    void shouldHandOverTheBufferWhenBothEndsShareAPool() {
        wire = SimulatedWire.ethernet(cacheA.pool(), cacheA.pool(), WireConditions.PERFECT, 1);
        a = wire.a().queue(0, cacheA);
        b = wire.b().queue(0, pools.cache(cacheA.pool()));
        final long[] one = {Frames.packet(cacheA, "01")};
        a.transmit(one, 0, 1, 0);
        assertEquals(1, b.receive(burst, 1, 0));
        assertEquals(one[0], burst[0]);
        cacheA.free(burst[0]);
    }

    @Test
    void shouldDeliverNothingBeforeTheLatencyIsOver() {
        wire(WireConditions.PERFECT.withLatency(250), 1);
        clock.advance(1000);
        assertEquals(Long.MAX_VALUE, wire.nextArrival());
        send("01");
        assertEquals(1250, wire.nextArrival());
        clock.advanceTo(1249);
        assertTrue(received().isEmpty());
        clock.advanceTo(1250);
        assertEquals(List.of("01"), received());
        assertEquals(Long.MAX_VALUE, wire.nextArrival());
    }

    @Test
    void shouldSerialisePacketsAtTheBandwidth() {
        // 60 bytes are 480 bits, so 48 us each at 10 Mbit/s.
        wire(WireConditions.PERFECT.withLatency(100).withBandwidth(10_000_000, 10), 1);
        sendNumbered(3);
        assertEquals(
                List.of(148L, 196L, 244L),
                receivedOverTime().stream().map(Arrival::micros).toList());
    }

    @Test
    void shouldDropAtTheTailWhenTheQueueIsFull() {
        wire(WireConditions.PERFECT.withBandwidth(10_000_000, 4), 1);
        sendNumbered(6);
        clock.advance(48);
        sendNumbered(2);
        assertEquals(3, wire.a().count(WireCounter.QUEUE_FULL));
        assertEquals(5, receivedOverTime().size());
    }

    @Test
    void shouldLoseAboutAsManyAsAsked() {
        wire(WireConditions.PERFECT.withLoss(0.25), 7);
        int arrived = 0;
        for (int i = 0; i < 100; i++) {
            sendNumbered(100);
            arrived += received().size();
        }
        final long lost = wire.a().count(WireCounter.LOST);
        assertEquals(10_000, arrived + lost);
        assertTrue(lost > 2300 && lost < 2700, lost + " of 10,000 lost");
    }

    @Test
    void shouldDeliverTwiceWhenDuplicating() {
        wire(WireConditions.PERFECT.withDuplication(1), 7);
        send("0a0b");
        assertEquals(List.of("0a0b", "0a0b"), received());
        assertEquals(1, wire.a().count(WireCounter.DUPLICATED));
    }

    @Test
    void shouldDeliverOnceWhenThereIsNoBufferForADuplicate() {
        final PoolCache tiny = pools.cache(2);
        wire = SimulatedWire.ethernet(tiny.pool(), cacheB.pool(), WireConditions.PERFECT.withDuplication(1), 1);
        a = wire.a().queue(0, tiny);
        b = wire.b().queue(0, cacheB);
        final long[] both = {Frames.packet(tiny, "01"), Frames.packet(tiny, "02")};
        a.transmit(both, 0, 2, 0);
        assertEquals(List.of("01", "02"), received());
    }

    @Test
    void shouldLetLaterPacketsOvertakeWhenReordering() {
        wire(WireConditions.PERFECT.withLatency(10).withReorder(0.3, 500), 3);
        final List<String> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            send("%04x".formatted(i));
            sent.add("%04x".formatted(i));
            clock.advance(5);
        }
        final List<String> frames =
                receivedOverTime().stream().map(Arrival::frame).toList();
        assertNotEquals(sent, frames);
        assertEquals(sent, frames.stream().sorted().toList());
        assertTrue(wire.a().count(WireCounter.REORDERED) > 10);
    }

    @Test
    void shouldFlipOneBitWhenCorrupting() {
        wire(WireConditions.PERFECT.withCorruption(1), 3);
        for (int i = 0; i < 100; i++) {
            send("00".repeat(20));
            final String frame = received().get(0);
            int bits = 0;
            for (final byte value : Frames.bytes(Frames.ofHex(frame), 0, 20)) {
                bits += Integer.bitCount(value & 0xFF);
            }
            assertEquals(1, bits);
        }
    }

    @Test
    void shouldRepeatEverythingWhenTheSeedIsTheSame() {
        final WireConditions rough = WireConditions.PERFECT
                .withLatency(40)
                .withBandwidth(100_000_000, 50)
                .withLoss(0.1)
                .withDuplication(0.1)
                .withReorder(0.1, 300)
                .withCorruption(0.1);
        final List<List<Arrival>> runs = new ArrayList<>();
        for (final long seed : new long[] {5, 5, 6}) {
            clock.advanceTo((clock.now() / 1_000_000 + 1) * 1_000_000);
            final long start = clock.now();
            wire(rough, seed);
            sendNumbered(60);
            runs.add(receivedOverTime().stream()
                    .map(f -> new Arrival(f.micros() - start, f.frame()))
                    .toList());
        }
        assertEquals(runs.get(0), runs.get(1));
        assertNotEquals(runs.get(0), runs.get(2));
    }

    @Test
    void shouldCountPacketsThatFindNoBufferAtTheReceiver() {
        final PoolCache tiny = pools.cache(2);
        wire = SimulatedWire.ethernet(cacheA.pool(), tiny.pool(), WireConditions.PERFECT, 1);
        a = wire.a().queue(0, cacheA);
        b = wire.b().queue(0, tiny);
        sendNumbered(5);
        assertEquals(2, b.receive(burst, 32, 0));
        assertEquals(3, wire.a().count(WireCounter.NO_BUFFER));
        assertEquals(3, wire.b().stats().rxMissed());
        tiny.free(burst, 0, 2);
    }

    @Test
    void shouldRefusePacketsThatTheReceiversBuffersCannotHold() {
        final PoolCache small = pools.cache(pools.pool(4, 100));
        wire = SimulatedWire.ethernet(cacheA.pool(), small.pool(), WireConditions.PERFECT, 1);
        a = wire.a().queue(0, cacheA);
        b = wire.b().queue(0, small);
        send("00".repeat(101));
        assertEquals(0, b.receive(burst, 32, 0));
        assertEquals(1, wire.a().count(WireCounter.NO_BUFFER));
    }

    @Test
    void shouldCarryTheLargestFrameWithTwoTagsAndDropALongerOne() {
        wire = SimulatedWire.create(Medium.ETHERNET, 1000, cacheA.pool(), cacheB.pool(), WireConditions.PERFECT, 1);
        a = wire.a().queue(0, cacheA);
        b = wire.b().queue(0, cacheB);
        send("00".repeat(1014));
        send("00".repeat(1022));
        send("00".repeat(1023));
        assertEquals(2, received().size());
        assertEquals(1, wire.a().count(WireCounter.OVERSIZE));
    }

    @Test
    void shouldDropWhileTheWireIsCut() {
        wire.linkUp(false);
        assertFalse(wire.a().linkUp());
        send("01");
        wire.linkUp(true);
        send("02");
        assertEquals(List.of("02"), received());
        assertEquals(1, wire.a().count(WireCounter.LINK_DOWN));
    }

    @Test
    void shouldChangeConditionsOfOneDirectionOnTheWay() {
        wire.a().conditions(WireConditions.PERFECT.withLoss(1));
        send("01");
        wire.a().conditions(WireConditions.PERFECT);
        send("02");
        assertEquals(List.of("02"), received());
    }

    @Test
    void shouldGiveBackWhatIsInFlightWhenClosed() {
        wire(WireConditions.PERFECT.withLatency(1000), 1);
        sendNumbered(20);
        wire.close();
        cacheA.flush();
        assertEquals(CAPACITY, cacheA.pool().available());
    }

    @Test
    void shouldCountPacketsAndBytes() {
        send("00".repeat(60));
        send("00".repeat(40));
        received();
        assertEquals(2, wire.a().stats().txPackets());
        assertEquals(100, wire.a().stats().txBytes());
        assertEquals(2, wire.b().stats().rxPackets());
        assertEquals(100, wire.b().stats().rxBytes());
    }

    @Test
    void shouldReceiveNoMoreThanAsked() {
        sendNumbered(5);
        assertEquals(2, b.receive(burst, 2, 0));
        cacheB.free(burst, 0, 2);
        assertEquals(3, received().size());
    }

    @Test
    void shouldKeepDataWhenFramesOfAllLengthsPass() {
        final byte[] bytes = new byte[1514];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        for (int length = 0; length <= bytes.length; length += 7) {
            final byte[] frame = Arrays.copyOf(bytes, length);
            final long[] one = {Frames.packet(cacheA, Frames.ofBytes(frame))};
            a.transmit(one, 0, 1, 0);
            assertEquals(1, b.receive(burst, 1, 0));
            assertArrayEquals(frame, Frames.bytes(cacheB.pool(), burst[0]));
            cacheB.free(burst[0]);
        }
    }

    @Test
    void shouldRefuseConditionsAndQueuesThatMakeNoSense() {
        assertThrows(IllegalArgumentException.class, () -> WireConditions.PERFECT.withLoss(1.5));
        assertThrows(IllegalArgumentException.class, () -> WireConditions.PERFECT.withCorruption(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> WireConditions.PERFECT.withBandwidth(1, 0));
        final PacketPool pool = cacheA.pool();
        assertThrows(
                IllegalArgumentException.class,
                () -> SimulatedWire.create(Medium.IP, 67, pool, pool, WireConditions.PERFECT, 1));
        assertThrows(IllegalStateException.class, () -> wire.a().queue(0, cacheA));
        assertThrows(IllegalStateException.class, () -> wire.a().queue(1, cacheA));
    }
}
