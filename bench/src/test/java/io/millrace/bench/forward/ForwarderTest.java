package io.millrace.bench.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ForwarderTest {
    private static final String FRAME = "020000000001 020000000002 0800 00112233445566778899";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(64);
    private final LoopbackPort left = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 8);
    private final LoopbackPort right = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 4);
    private final PortQueue from = left.queue(0, cache);
    private final PortQueue to = right.queue(0, cache);
    private final long[] handles = new long[8];

    private String forward(final ForwardMode mode) {
        return forward(mode, FRAME);
    }

    private String forward(final ForwardMode mode, final String sent) {
        handles[0] = Frames.packet(cache, sent);
        from.transmit(handles, 0, 1, 0);
        assertEquals(1, new Forwarder(from, to, cache, mode, 8).poll());
        assertEquals(1, to.receive(handles, 8, 0));
        final String frame = Frames.hex(cache.pool(), handles[0]);
        cache.free(handles[0]);
        return frame;
    }

    @Test
    void shouldLeavePacketsAsTheyAreWhenForwardingOnly() {
        assertEquals(FRAME.replace(" ", ""), forward(ForwardMode.IO));
    }

    @Test
    void shouldSwapMacAddressesAndNothingElse() {
        assertEquals(
                "020000000002 020000000001 0800 00112233445566778899".replace(" ", ""), forward(ForwardMode.MACSWAP));
    }

    @Test
    void shouldWriteTheChecksumOfTheHeaderWhenTheModeIsCsum() {
        final String front = "020000000001 020000000002 0800 4500001c 00000000 4011";
        final String back = "c6120001 c6120002 0009 0009 0008 0000";
        assertEquals(
                (front + "EEA9" + back).replace(" ", "").toLowerCase(Locale.ROOT),
                forward(ForwardMode.CSUM, front + "0000" + back));
    }

    @Test
    void shouldFreeWhatTheOtherPortDoesNotTake() {
        for (int i = 0; i < 8; i++) {
            handles[i] = Frames.packet(cache, FRAME);
        }
        assertEquals(8, from.transmit(handles, 0, 8, 0));
        assertEquals(4, new Forwarder(from, to, cache, ForwardMode.IO, 8).poll());
        right.close();
    }

    @Test
    void shouldRefuseOptionsThatMeasureNothing() {
        final ForwardOptions options = ForwardOptions.DEFAULT;
        assertThrows(IllegalArgumentException.class, () -> options.withPackets(20, 32));
        assertThrows(IllegalArgumentException.class, () -> options.withPackets(64, 0));
        assertThrows(IllegalArgumentException.class, () -> options.withRounds(0, Duration.ofSeconds(1)));
        assertThrows(IllegalArgumentException.class, () -> options.withRounds(1, Duration.ZERO));
    }
}
