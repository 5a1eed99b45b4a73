package io.millrace.dataplane.port.pcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Await;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A capture into a FIFO: who writes to it waits until somebody reads. */
@Timeout(300)
final class SlowCaptureTest {
    private static final int PACKET = 1_000;
    private static final int RECORD = 16 + PACKET;
    private static final int PER_PIECE = CapturePiece.SIZE / RECORD;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(64);
    private final long[] burst = new long[32];

    @TempDir
    Path folder;

    /** More than is in a few pieces and a FIFO, while nobody reads. */
    @Test
    void shouldGoOnAndCountWhatIsLeftOutWhenTheFileTakesNothing() throws Exception {
        final Path fifo = fifo();
        final CountDownLatch read = new CountDownLatch(1);
        final CompletableFuture<byte[]> content = CompletableFuture.supplyAsync(() -> readAll(fifo, read));
        final int sent = 32 * 40;
        final Counters<PcapCounter> counters;
        try (LoopbackPort loopback = LoopbackPort.open(Medium.IP, 1500, cache.pool(), 1, 64);
                PcapFile file = PcapFile.create(fifo, Medium.IP, 0, CaptureOptions.DEFAULT.withPieces(2))) {
            final PcapWriterQueue queue = new PcapWriterQueue(loopback.queue(0, cache), cache.pool(), file);
            counters = queue.counters();
            forward(queue, sent); // comes back though nobody reads
            // Each packet was sent and received. What fits into two pieces is not lost, and not much more is kept.
            final long behind = counters.get(PcapCounter.BEHIND);
            assertTrue(behind >= 2 * sent - 3 * PER_PIECE, () -> behind + " packets left out");
            assertTrue(behind <= 2 * sent - 2 * PER_PIECE, () -> behind + " packets left out");
            read.countDown();
            Await.until("written by the capture's thread", () -> counters.get(PcapCounter.CAPTURED) >= 2 * PER_PIECE);
            forward(queue, 1);
            assertNull(file.failure());
        }
        final long captured = counters.get(PcapCounter.CAPTURED);
        assertEquals(2 * sent + 2, captured + counters.get(PcapCounter.BEHIND));
        assertEquals(0, counters.get(PcapCounter.NOT_CAPTURED));
        assertEquals(24 + captured * RECORD, content.get().length);
    }

    private void forward(final PortQueue queue, final int count) {
        for (int i = 0; i < count; i++) {
            burst[0] = Frames.packet(cache, "45" + "00".repeat(PACKET - 1));
            assertEquals(1, queue.transmit(burst, 0, 1, 0));
            assertEquals(1, queue.receive(burst, 1, 0));
            cache.free(burst[0]);
        }
    }

    /** What a full loopback does not take is neither in the capture nor left out of it. */
    @Test
    void shouldNotCountWhatWasNotSentWhenItIsBehind() throws Exception {
        final Path fifo = fifo();
        final CountDownLatch read = new CountDownLatch(1);
        final CompletableFuture<byte[]> content = CompletableFuture.supplyAsync(() -> readAll(fifo, read));
        try (LoopbackPort loopback = LoopbackPort.open(Medium.IP, 1500, cache.pool(), 1, 2);
                PcapFile file = PcapFile.create(fifo, Medium.IP, 0, CaptureOptions.DEFAULT.withPieces(2))) {
            final PcapWriterQueue queue = new PcapWriterQueue(loopback.queue(0, cache), cache.pool(), file);
            forward(queue, 2 * PER_PIECE);
            final long before = queue.counters().get(PcapCounter.BEHIND);
            assertTrue(before > 0, "it is not behind");
            for (int i = 0; i < 3; i++) {
                burst[i] = Frames.packet(cache, "45");
            }
            assertEquals(2, queue.transmit(burst, 0, 3, 0));
            assertEquals(before + 2, queue.counters().get(PcapCounter.BEHIND));
            cache.free(burst[2]);
            read.countDown();
        }
        assertTrue(content.get().length > 0, "nothing was written");
    }

    private Path fifo() throws IOException, InterruptedException {
        final Path fifo = folder.resolve("fifo");
        assumeTrue(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0, "no FIFO can be made here");
        return fifo;
    }

    private static byte[] readAll(final Path fifo, final CountDownLatch from) {
        try (InputStream in = Files.newInputStream(fifo)) {
            from.await();
            return in.readAllBytes();
        } catch (final IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
