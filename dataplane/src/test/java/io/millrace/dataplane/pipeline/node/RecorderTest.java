package io.millrace.dataplane.pipeline.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.pcap.CaptureFormat;
import io.millrace.dataplane.port.pcap.CaptureOptions;
import io.millrace.dataplane.port.pcap.PcapFile;
import io.millrace.testkit.Await;
import io.millrace.testkit.NodeHarness;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class RecorderTest {
    private static final String FIRST = "020000000001020000000002080045aa";
    private static final String SECOND = "020000000001020000000002080045bb";
    private static final String THIRD = "020000000001020000000002080045cc";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(16);
    private final PoolCache cache = pools.cache(pool);

    @TempDir
    Path folder;

    private PcapFile file(final String name) {
        return PcapFile.create(
                folder.resolve(name), Medium.ETHERNET, 0, CaptureOptions.DEFAULT.withFormat(CaptureFormat.PCAPNG));
    }

    private String content(final String name) throws IOException {
        return HexFormat.of().formatHex(Files.readAllBytes(folder.resolve(name)));
    }

    @Test
    void shouldWriteEachPacketOnceWhenTheCaptureChanges() throws IOException {
        final Recorder recorder = new Recorder("recorder", pool);
        try (NodeHarness node = NodeHarness.of(recorder, cache)) {
            node.frame(0, "020000000001020000000002080045dd").poll(0);
            final PcapFile one = file("one");
            recorder.record(one);
            node.frame(0, FIRST).frame(0, SECOND).poll(1);
            final PcapFile two = file("two");
            recorder.record(two);
            one.close();
            node.frame(0, THIRD).poll(2);
            recorder.record(null);
            two.close();
            assertEquals(4, node.out("out").size());
        }
        assertTrue(content("one").contains(FIRST) && content("one").contains(SECOND));
        assertTrue(content("two").contains(THIRD));
        assertFalse(content("one").contains(THIRD) || content("two").contains(FIRST));
        assertFalse(content("one").contains("45dd"));
        assertEquals(
                List.of("pcapCaptured=3", "pcapNotCaptured=0", "pcapBehind=0"),
                recorder.stats().counters().stream()
                        .map(each -> each.key() + "=" + each.count())
                        .toList());
    }

    @Test
    @Timeout(300)
    void shouldBeInTheFileASecondLaterWhenNothingElseComes() throws Exception {
        final Recorder recorder = new Recorder("recorder", pool);
        try (NodeHarness node = NodeHarness.of(recorder, cache);
                PcapFile file = file("one")) {
            recorder.record(file);
            node.frame(0, FIRST).poll(100);
            assertFalse(content("one").contains(FIRST));
            assertEquals(1_000_100, node.pollAt(100));
            node.poll(1_000_100);
            Await.until("written by the capture's thread", () -> content("one").contains(FIRST));
            assertEquals(List.of(FIRST), node.out("out"));
        }
    }
}
