package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Over two queues of DPDK's net_af_packet, each with a shard of its own; the kernel spreads the flows. */
final class AfPacketShardsPeerTest extends AfPacketPeerTest {
    @Override
    String port(String device) {
        return super.port(device) + ",qpairs=2";
    }

    @Override
    List<String> arguments() {
        return List.of("--shards", "2");
    }

    @Override
    void verify(String json) {
        // The kernel's hash is not ours, so there must be packets that one shard got for the other.
        final Matcher passed =
                Pattern.compile("\"dispatchToShards\": ([1-9]\\d*)").matcher(json);
        assertTrue(passed.find(), json);
    }
}
