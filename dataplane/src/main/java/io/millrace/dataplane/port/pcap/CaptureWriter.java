package io.millrace.dataplane.port.pcap;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The thread that writes a capture, so that no poll waits for a disk. Queues take empty pieces of memory and hand over
 * full ones; there are so many pieces and no more, so a queue that finds none has to leave packets out.
 *
 * <p>Pieces go round by two queues without locks, of many producers and consumers, for several shards may share a
 * capture. The thread sleeps while there is nothing to write.
 */
final class CaptureWriter {
    /** Most pieces there may be, 64 MiB. */
    static final int MOST = 256;

    private final ManyToManyConcurrentArrayQueue<CapturePiece> empty;
    private final ManyToManyConcurrentArrayQueue<CapturePiece> full;
    private final Predicate<CapturePiece> file;
    private final Thread thread;
    private volatile boolean running = true;
    private int pieces;

    /**
     * Starts the thread.
     *
     * @param file writes a piece's records, and says whether it could
     */
    CaptureWriter(final String name, final Predicate<CapturePiece> file) {
        this.file = file;
        this.empty = new ManyToManyConcurrentArrayQueue<>(MOST);
        this.full = new ManyToManyConcurrentArrayQueue<>(MOST);
        this.thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    /** Adds empty pieces until there are so many, or as many as there may be. One thread at a time. */
    void growTo(final int wanted) {
        for (; pieces < Math.min(wanted, MOST); pieces++) {
            empty.offer(new CapturePiece());
        }
    }

    /** An empty piece; null if all are full and the file is behind. Any thread, without waiting. */
    @Nullable
    CapturePiece take() {
        return empty.poll();
    }

    /** Has a piece written. Any thread, without waiting; what comes after the end finds its file closed. */
    void hand(final CapturePiece piece) {
        put(full, piece);
        if (running) {
            LockSupport.unpark(thread);
        } else {
            writeAll();
        }
    }

    /** Writes what was handed over, and ends the thread. Waits for both. Harmless when called again. */
    void close() {
        running = false;
        LockSupport.unpark(thread);
        boolean interrupted = Thread.interrupted();
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        writeAll();
        if (interrupted) {
            Thread.currentThread().interrupt(); // and not before: a file is closed when who writes it is interrupted
        }
    }

    private void run() {
        while (running) {
            if (!writeAll()) {
                LockSupport.park(this);
            }
        }
    }

    private boolean writeAll() {
        boolean any = false;
        for (CapturePiece piece = full.poll(); piece != null; piece = full.poll()) {
            piece.written(file.test(piece));
            put(empty, piece);
            any = true;
        }
        return any;
    }

    /** There is room for all pieces; but a slot is free only once whoever took its last one has said so. */
    private static void put(final ManyToManyConcurrentArrayQueue<CapturePiece> queue, final CapturePiece piece) {
        while (!queue.offer(piece)) {
            Thread.onSpinWait();
        }
    }
}
