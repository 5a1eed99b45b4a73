package io.millrace.dataplane.port.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a device over shared memory is opened again, with a device that only notes what is done with it. */
final class ReopeningTest {
    private static final long SECOND = 1_000_000;
    private static final long TICK = SECOND / 2;

    private final Noted device = new Noted();
    private final Reopening reopening = new Reopening(device, false);
    private long now = 100 * SECOND;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        net_memif0,role=client,id=0,socket=/tmp/s                      | true
        net_memif1,id=0,role=slave                                     | true
        net_memif0,role=server,id=0                                    | false
        net_memif0                                                     | false
        net_virtio_user0,path=/run/s                                   | true
        virtio_user3,queues=2,path=/run/s,mac=02:00:00:00:00:01        | true
        net_virtio_user0,path=/run/s,server=1                          | false
        net_virtio_user0,server=1,path=/run/s                          | false
        net_virtio_user0,path=/dev/vhost-net,iface=tap0                | false
        net_vhost0,iface=/run/s,client=1                               | false
        net_af_packet0,iface=eth0                                      | false
        """)
    void shouldBeForClientsOnSharedMemoryOnly(final String devargs, final boolean expected) {
        assertEquals(expected, Reopening.isFor(devargs));
    }

    private void tick() {
        now += TICK;
        reopening.tend(now);
    }

    @Test
    void shouldLeaveALinkAloneThatIsUpOrDownForAMoment() {
        final Reopening asking = new Reopening(device, true);
        for (int i = 0; i < 20; i++) {
            device.up = i % 3 != 0;
            now += TICK;
            asking.tend(now);
        }
        assertEquals(List.of(), device.calls);
    }

    @Test
    void shouldCloseAndOpenOnceEveryoneIsOut() {
        tick();
        assertTrue(reopening.linkUp());
        device.up = false;
        tick();
        tick();
        assertEquals(List.of(), device.calls);
        tick();
        assertEquals(List.of("hold"), device.calls);
        tick();
        assertEquals(List.of("hold"), device.calls, "somebody is still in");
        assertTrue(reopening.holds());
        assertFalse(reopening.isClosed());
        device.held = true;
        tick();
        assertEquals(List.of("hold", "close", "open"), device.calls);
        assertTrue(reopening.isClosed());
    }

    @Test
    void shouldTryOnceASecondUntilTheServerIsBack() {
        device.up = false;
        device.held = true;
        for (int i = 0; i < 3; i++) {
            tick();
        }
        assertEquals(List.of("hold", "close", "open"), device.calls);
        for (int i = 0; i < 20; i++) {
            tick();
            assertFalse(reopening.linkUp());
        }
        assertEquals(13, device.calls.size());
        device.opens = true;
        device.up = true;
        tick();
        tick();
        assertEquals("release", device.calls.getLast());
        assertFalse(reopening.holds());
        assertTrue(reopening.linkUp());
        // And all over again.
        device.calls.clear();
        device.up = false;
        for (int i = 0; i < 3; i++) {
            tick();
        }
        assertEquals(List.of("hold", "close", "open", "release"), device.calls);
    }

    /** DPDK 22.11's net_virtio_user has something done with the device later each time, see Reopening. */
    @Test
    void shouldNotAskAgainForALinkThatIsDownWhereThatDoesHarm() {
        device.up = false;
        for (int i = 0; i < 5; i++) {
            assertFalse(reopening.linkUp());
        }
        assertEquals(1, device.asked);
    }

    private static final class Noted implements Reopening.Device {
        final List<String> calls = new ArrayList<>();
        boolean up = true;
        boolean held;
        boolean opens;
        int asked;

        @Override
        public boolean linkUp() {
            asked++;
            return up;
        }

        @Override
        public void hold(final boolean out) {
            calls.add(out ? "hold" : "release");
        }

        @Override
        public boolean isHeld() {
            return held;
        }

        @Override
        public void close() {
            calls.add("close");
        }

        @Override
        public boolean open() {
            calls.add("open");
            return opens;
        }
    }
}
