package io.millrace.bench.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.control.ControlException;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.node.Recorder;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.pcap.PcapFile;
import io.millrace.testkit.NodeHarness;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordingTest {
    private static final String FIRST = "020000000001020000000002080045aa";
    private static final String SECOND = "020000000001020000000002080045bb";
    private static final String THIRD = "020000000001020000000002080045cc";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(16);
    private final PoolCache cache = pools.cache(pool);
    private final Recorder recorder = new Recorder("recorder", pool);
    private final Recording recording = new Recording(List.of(recorder));

    /** What the thread of the nodes has not done yet. */
    private final Queue<Runnable> late = new ArrayDeque<>();

    @TempDir
    Path folder;

    @BeforeEach
    void record() {
        recording.change(file("one"), Runnable::run);
    }

    private PcapFile file(String name) {
        return PcapFile.create(folder.resolve(name), Medium.ETHERNET, 0);
    }

    private boolean holds(String name, String packet) throws IOException {
        return HexFormat.of()
                .formatHex(Files.readAllBytes(folder.resolve(name)))
                .contains(packet);
    }

    private void refuse(PcapFile next, Consumer<Runnable> onThread) {
        assertThrows(
                ControlException.class,
                () -> recording.change(next, change -> {
                    onThread.accept(change);
                    throw new ControlException("a shard of the server is still at it after 5 s");
                }));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRecordToTheNewFileWhenTheChangeWasUnderWayAsPatienceEnded(boolean another) throws IOException {
        try (NodeHarness node = NodeHarness.of(recorder, cache)) {
            node.frame(0, FIRST).poll(1);
            refuse(file("two"), Runnable::run);
            node.frame(0, SECOND).poll(2);
            if (another) {
                recording.change(null, Runnable::run);
                assertTrue(holds("one", FIRST) && holds("two", SECOND), "both are closed");
            }
            node.frame(0, THIRD).poll(3);
            recording.close();
        }
        assertTrue(holds("one", FIRST));
        assertTrue(holds("two", SECOND));
        assertEquals(!another, holds("two", THIRD));
    }

    @Test
    void shouldGoOnInTheOldFileWhenTheChangeHadNotBegunAsPatienceEnded() throws IOException {
        try (NodeHarness node = NodeHarness.of(recorder, cache)) {
            refuse(file("two"), late::add);
            node.frame(0, FIRST).poll(1);
            late.remove().run();
            node.frame(0, SECOND).poll(2);
            recording.close();
        }
        assertTrue(holds("one", FIRST) && holds("one", SECOND));
    }
}
