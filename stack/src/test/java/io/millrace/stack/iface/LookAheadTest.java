package io.millrace.stack.iface;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which packets of a burst are looked up together. */
class LookAheadTest {
    private static final int ETHERNET = 14;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final RouteTable table = new RouteTable();

    @Test
    void shouldLookUpWholePacketsOfBothFamiliesOnceRoutesAreMany() {
        final PacketPool pool = pools.pool(16);
        final PoolCache cache = pools.cache(pool);
        final byte[][] frames = {frame(4, 20), frame(6, 40), frame(6, 39), frame(4, 19), new byte[1], frame(0, 60)};
        final long[] burst = new long[frames.length];
        for (int i = 0; i < burst.length; i++) {
            burst[i] = Frames.packet(cache, Frames.ofBytes(frames[i]));
        }
        final LookAhead lookAhead = new LookAhead(pool, table, burst.length);
        assertEquals(0, lookAhead.lookUp(burst, burst.length, ETHERNET));
        for (int i = 0; i < 100_000; i++) {
            table.add(Route.via(new Cidr<>(new Ipv4Address(i << 8), 24), new Ipv4Address(0x0A00_0001), 0));
        }
        assertEquals(2, lookAhead.lookUp(burst, burst.length, ETHERNET));
        cache.free(burst, 0, burst.length);
    }

    /** A frame whose payload has a version and a length. */
    private static byte[] frame(final int version, final int length) {
        final byte[] frame = new byte[ETHERNET + length];
        frame[ETHERNET] = (byte) (version << 4);
        return frame;
    }
}
