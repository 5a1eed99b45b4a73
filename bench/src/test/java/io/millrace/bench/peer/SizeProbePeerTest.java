package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.middleware.FaultCounter;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.dataplane.port.middleware.Faults;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.MtuProbing;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Packetization layer path MTU discovery (RFC 8899) towards Linux, over a wire that drops long packets without a word.
 */
@Tag("peers")
@Timeout(600)
final class SizeProbePeerTest {
    private static final int BYTES = 1_000_000;
    private static final int LONGEST_FRAME = 1_414;
    private static final int FULL_FRAME = 1_514;
    private static final int OPTIONS = Transfers.TIMESTAMPS | Transfers.SACK | Transfers.WINDOW_SCALING;

    private static void run(Path folder, Faults sent, Verifier verifier) throws Exception {
        Netns.call(() -> {
            final FaultInjector faults = new FaultInjector(1);
            faults.onSend(sent);
            final StackConfig config = StackConfig.defaults()
                    .withTcp(TcpConfig.builder().mtuProbing(MtuProbing.ALWAYS).build());
            try (OurHost ours = OurHost.start(config, faults, folder.resolve("all.pcap"));
                    Transfers transfers = new Transfers(folder, BYTES)) {
                transfers.run(ours, OPTIONS);
                final List<Long> counts = ours.call(() -> List.of(
                        ours.stack().counters().get(StackCounter.TCP_SIZE_PROBES),
                        ours.stack().counters().get(StackCounter.TCP_BLACK_HOLES)));
                final PacketCapture capture = ours.finish();
                capture.assertSound(OurHost.MAC);
                assertEquals(0, counts.get(1), "black holes");
                verifier.verify(capture, counts.get(0), faults.count(FaultCounter.TOO_LONG));
            }
            return 0;
        });
    }

    private interface Verifier {
        void verify(PacketCapture capture, long probes, long dropped) throws Exception;
    }

    private static long longerThan(PacketCapture capture, int bytes) throws Exception {
        return capture.count("eth.src == " + OurHost.MAC + " && frame.len > " + bytes);
    }

    @Test
    void shouldLoseNothingButProbesWhenThePathIsNarrow(@TempDir Path folder) throws Exception {
        run(folder, Faults.builder().longest(LONGEST_FRAME).delay(500, 0).build(), (capture, probes, dropped) -> {
            assertTrue(probes > 0 && dropped > 0, probes + " probes, " + dropped + " dropped");
            assertEquals(dropped, longerThan(capture, LONGEST_FRAME));
            assertTrue(dropped <= probes, probes + " probes, " + dropped + " dropped");
        });
    }

    @Test
    void shouldComeToFullSegmentsWhenThePathCarriesThem(@TempDir Path folder) throws Exception {
        run(folder, Faults.NONE, (capture, probes, dropped) -> {
            assertEquals(0, dropped);
            assertTrue(probes > 0, probes + " probes");
            assertTrue(longerThan(capture, FULL_FRAME - 1) > 10 * probes);
        });
    }
}
