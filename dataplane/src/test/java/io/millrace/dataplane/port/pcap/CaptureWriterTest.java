package io.millrace.dataplane.port.pcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread that writes a capture. */
@Timeout(300)
final class CaptureWriterTest {
    /** A thread that is interrupted cannot write to a file: the file would be closed, and the rest lost. */
    @Test
    void shouldWriteAllWhenWhoeverClosesItIsInterrupted() {
        // Now and then its own thread is faster than the end.
        for (int round = 0; round < 100; round++) {
            final List<Boolean> interrupted = new ArrayList<>();
            final CaptureWriter writer = new CaptureWriter("capture-test", piece -> {
                interrupted.add(Thread.currentThread().isInterrupted());
                return true;
            });
            writer.growTo(1);
            writer.hand(Objects.requireNonNull(writer.take()));
            Thread.currentThread().interrupt();
            writer.close();
            assertTrue(Thread.interrupted(), "the interrupt is not forgotten");
            assertEquals(List.of(false), interrupted);
        }
    }
}
