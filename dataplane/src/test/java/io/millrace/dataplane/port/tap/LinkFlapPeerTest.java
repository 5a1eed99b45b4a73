package io.millrace.dataplane.port.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.middleware.LinkCounter;
import io.millrace.dataplane.port.middleware.LinkWatch;
import io.millrace.testkit.Await;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Links of Linux's interfaces that are down for a moment, between two looks. */
@Tag("peers")
@Timeout(600)
final class LinkFlapPeerTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(64, 2048);

    /** How a link goes down and comes up. */
    private interface Change {
        void to(boolean up) throws Exception;
    }

    private static void count(Port port, Change change) throws Exception {
        Await.until("the link is up", () -> port.link().up());
        final LinkWatch watch = new LinkWatch(port, 0);
        assertNull(watch.check(0));
        for (int i = 0; i < 3; i++) {
            change.to(false);
            change.to(true);
        }
        Await.until("the link is up again", () -> port.link().up());
        final String news = watch.check(500_000);
        assertEquals("the link of " + port.info().name() + " was down for a moment, 3 times", news);
        change.to(false);
        assertFalse(port.link().up());
        assertEquals("the link of " + port.info().name() + " is down", watch.check(1_000_000));
        change.to(true);
        Await.until("the link is up at last", () -> port.link().up());
        assertNotNull(watch.check(2_000_000));
        assertEquals(4, watch.counters().get(LinkCounter.DOWNS));
        assertEquals(4, watch.counters().get(LinkCounter.UPS));
        assertEquals(1_000, watch.counters().get(LinkCounter.DOWN_MILLIS));
        assertTrue(port.linkUp());
    }

    @Test
    void shouldCountThoseOfAVethPair() throws Exception {
        Netns.call(() -> {
            Netns.run("ip", "link", "add", "mr0", "type", "veth", "peer", "name", "mr1");
            Netns.run("ip", "link", "set", "mr0", "up");
            Netns.run("ip", "link", "set", "mr1", "up");
            try (PacketPort port = PacketPort.open("mr0", pool, false)) {
                count(port, up -> Netns.run("ip", "link", "set", "mr1", up ? "up" : "down"));
            }
            return null;
        });
    }

    @Test
    void shouldCountThoseOfATap() throws Exception {
        Netns.call(() -> {
            try (TapPort port = TapPort.open("mr0", Medium.ETHERNET, pool, 1)) {
                count(port, up -> Netns.run("ip", "link", "set", "mr0", "carrier", up ? "on" : "off"));
            }
            return null;
        });
    }

    @Test
    void shouldBeDownWhenTheInterfaceIsGone() throws Exception {
        Netns.call(() -> {
            Netns.run("ip", "link", "add", "mr0", "type", "veth", "peer", "name", "mr1");
            try (PacketPort port = PacketPort.open("mr0", pool, false)) {
                Netns.run("ip", "link", "del", "mr0");
                assertFalse(port.link().up());
            }
            return null;
        });
    }
}
