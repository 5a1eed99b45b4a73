package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;

/** Over DPDK's net_af_xdp in copy mode on a veth pair. */
final class AfXdpPeerTest extends AfPacketPeerTest {
    /** The ring from which the kernel takes buffers for what it receives. */
    private static final int FILL_RING = 2_048;

    @Override
    String port(String device) {
        return super.port(device).replace("net_af_packet0", "net_af_xdp0") + ",force_copy=1";
    }

    /** None is outstanding because every one was found, not because some are excused. */
    @Override
    void verify(String json) {
        final int kept = JsonParser.parseString(json)
                .getAsJsonObject()
                .get("buffersKeptByDriver")
                .getAsInt();
        assertTrue(kept >= FILL_RING, json);
    }
}
