package io.millrace.dataplane.port.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dpdk.DpdkExtension;
import io.millrace.testkit.Await;
import io.millrace.testkit.LongPackets;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client on shared memory whose server goes and comes back, both in this process. Of net_memif that is for other
 * processes to try: in the server's, DPDK 22.11 keeps watching the socket of a device that was closed, until EAL ends.
 */
@ExtendWith(DpdkExtension.class)
final class ReturningServerTest {
    private static final int CAPACITY = 4095;
    private static final int PAYLOAD = 100;

    @TempDir
    private Path folder;

    private final long[] handles = new long[32];

    @Test
    void shouldComeBackToAServerThatWasAway() throws Exception {
        final String serverDevice = "net_vhost0,iface=" + folder.resolve("s");
        final String clientDevice = "net_virtio_user0,path=" + folder.resolve("s");
        final DpdkPool pool = DpdkPool.create("returning", CAPACITY, 2048);
        final PoolCache cache = new PoolCache(pool, 64);
        DpdkPort server = open(serverDevice, pool);
        try (DpdkPort client = open(clientDevice, pool)) {
            final PortQueue near = client.queue(0, cache);
            final long mac = client.info().macAddress();
            for (int round = 1; round <= 3; round++) {
                final PortQueue far = server.queue(0, cache);
                exchange(cache, client, server, near, far);
                exchange(cache, server, client, far, near);
                server.close();
                // Long enough for attempts that are in vain.
                final long end = now() + 2_500_000;
                Await.until("two attempts", () -> {
                    client.tend(now());
                    assertEquals(0, near.receive(handles, handles.length, 0));
                    return now() > end;
                });
                assertFalse(client.linkUp());
                final long[] kept = {LongPackets.create(cache, true, PAYLOAD, 0)};
                assertEquals(0, near.transmit(kept, 0, 1, 0));
                cache.free(kept[0]);
                server = open(serverDevice, pool);
            }
            assertEquals(mac, client.info().macAddress());
            assertEquals(3, client.stats().txPackets());
            assertEquals(3, client.stats().rxPackets());
        } finally {
            server.close();
        }
        cache.flush();
        assertEquals(CAPACITY, pool.available());
        pool.close();
    }

    /** The real time, for EAL's own thread has things to do when a link is lost, and takes its time. */
    private static long now() {
        return System.nanoTime() / 1_000;
    }

    private static DpdkPort open(final String device, final DpdkPool pool) {
        return DpdkPort.open(DpdkPortConfig.of(device), pool);
    }

    private void exchange(
            final PoolCache cache, final DpdkPort from, final DpdkPort to, final PortQueue out, final PortQueue in)
            throws Exception {
        until(from, to, out, in, () -> from.linkUp() && to.linkUp());
        final long[] packet = {LongPackets.create(cache, true, PAYLOAD, 0)};
        until(from, to, out, in, () -> out.transmit(packet, 0, 1, 0) == 1);
        until(from, to, out, in, () -> in.receive(handles, handles.length, 0) == 1);
        cache.free(handles[0]);
    }

    /** Waits for something, and tends the ports meanwhile. */
    private void until(
            final DpdkPort from,
            final DpdkPort to,
            final PortQueue out,
            final PortQueue in,
            final BooleanSupplier condition)
            throws Exception {
        Await.until("both ends", () -> {
            from.tend(now());
            to.tend(now());
            return condition.getAsBoolean() || ((!from.linkUp() || !to.linkUp()) && touch(out, in));
        });
    }

    /** Lets whoever polls know of what is wanted of it */
    private boolean touch(final PortQueue out, final PortQueue in) {
        assertEquals(0, out.receive(handles, handles.length, 0));
        assertEquals(0, in.receive(handles, handles.length, 0));
        return false;
    }
}
