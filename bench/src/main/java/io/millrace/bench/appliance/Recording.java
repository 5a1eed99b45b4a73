package io.millrace.bench.appliance;

import io.millrace.dataplane.pipeline.node.Recorder;
import io.millrace.dataplane.port.pcap.PcapFile;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The file that recorders write to, and the change to another one, which the thread of the nodes makes. That may be late:
 * a file is closed only when no recorder can write to it any more.
 *
 * <p>Controlled by one thread at a time, but for {@link #failure}.
 */
final class Recording implements AutoCloseable {
    private final List<Recorder> recorders;

    /** All that recorders may write to. */
    private final List<PcapFile> open = new ArrayList<>();

    /** Set by the thread of the nodes. */
    private volatile @Nullable PcapFile current;

    Recording(List<Recorder> recorders) {
        this.recorders = recorders;
    }

    /**
     * Lets the recorders go on in another file, or stop, and closes the one before.
     *
     * @param next this object's from now on; null to stop
     * @param onThread has something done on the thread of the nodes, and waits for it. If it throws something, the change is
     *     not made any more, unless it is under way already: then it is made, and the file before closed with the next one
     */
    void change(@Nullable PcapFile next, Consumer<Runnable> onThread) {
        final Change change = new Change(next);
        if (next != null) {
            open.add(next);
        }
        try {
            onThread.accept(change);
        } catch (RuntimeException e) {
            if (change.begin() && next != null) {
                open.remove(next);
                next.close();
            }
            throw e;
        }
        // The thread does one thing after the other, so no earlier change is left.
        closeAllBut(next);
    }

    /** Why the file of now ended early; null if it did not. Any thread. */
    @Nullable
    String failure() {
        final PcapFile file = current;
        return file == null ? null : file.failure();
    }

    /** Closes all files; no node runs any more. */
    @Override
    public void close() {
        closeAllBut(null);
    }

    private void closeAllBut(@Nullable PcapFile kept) {
        for (final PcapFile file : open) {
            if (file != kept) {
                file.close();
            }
        }
        open.removeIf(file -> file != kept);
    }

    private final class Change implements Runnable {
        private final @Nullable PcapFile next;
        private final AtomicBoolean begun = new AtomicBoolean();

        Change(@Nullable PcapFile next) {
            this.next = next;
        }

        /** Returns whether it has not begun, nor been given up; it has then. */
        boolean begin() {
            return begun.compareAndSet(false, true);
        }

        @Override
        public void run() {
            if (begin()) {
                recorders.forEach(recorder -> recorder.record(next));
                current = next;
            }
        }
    }
}
