package io.millrace.bench.nc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Moves bytes both ways between a wire and the standard streams, until it is over. */
final class Relay {
    private static final int BUFFER = 16 * 1024;

    /** The longest datagram. */
    private static final int LONGEST = 65_535;

    private final Wire wire;
    private final NcSettings settings;
    private final InputStream in;
    private final OutputStream out;
    private final CountDownLatch inputEnded = new CountDownLatch(1);
    private volatile long lastActivity = System.nanoTime();
    private volatile boolean quit;
    private volatile @Nullable IOException sendFailure;

    Relay(Wire wire, NcSettings settings, InputStream in, OutputStream out) {
        this.wire = wire;
        this.settings = settings;
        this.in = in;
        this.out = out;
    }

    /**
     * Relays until the peer has closed its side and, where we connected or are to tell the peer of it, standard input
     * has ended; or nothing happened for too long.
     *
     * @throws IOException if the connection breaks
     */
    void run() throws IOException, InterruptedException {
        wire.patience(settings.patience());
        if (settings.input()) {
            // A platform thread: reading standard input holds its carrier.
            Thread.ofPlatform().daemon().name("nc-input").start(this::send);
        } else {
            inputEnded.countDown();
        }
        try {
            if (receive() && (!settings.listen() || settings.shutdown())) {
                awaitInput();
            }
        } catch (ClosedChannelException e) {
            if (!quit && sendFailure == null) {
                throw e;
            }
        }
        final IOException failure = sendFailure;
        if (failure != null) {
            throw failure;
        }
    }

    /** Returns whether the peer closed its side; false if nothing happened for too long. */
    private boolean receive() throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(settings.udp() ? LONGEST : BUFFER);
        while (true) {
            final int count;
            try {
                count = wire.read(buffer.clear());
            } catch (SocketTimeoutException e) {
                if (isIdle()) {
                    return false;
                }
                continue;
            }
            if (count < 0) {
                return true;
            }
            lastActivity = System.nanoTime();
            out.write(buffer.array(), 0, count);
            out.flush();
        }
    }

    private void awaitInput() throws InterruptedException {
        final Duration patience = settings.patience();
        if (patience == null) {
            inputEnded.await();
            return;
        }
        while (!inputEnded.await(patience.toNanos(), TimeUnit.NANOSECONDS) && !isIdle()) {
            // something was sent meanwhile
        }
    }

    private boolean isIdle() {
        final Duration patience = settings.patience();
        return patience != null && System.nanoTime() - lastActivity >= patience.toNanos();
    }

    private void send() {
        try {
            final byte[] bytes = new byte[BUFFER];
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                wire.write(ByteBuffer.wrap(bytes, 0, count));
                lastActivity = System.nanoTime();
            }
            if (settings.shutdown()) {
                wire.shutdownOutput();
            }
            inputEnded.countDown();
            final Duration after = settings.quitAfter();
            if (after != null) {
                TimeUnit.NANOSECONDS.sleep(after.toNanos());
                quit = true;
                wire.close();
            }
        } catch (ClosedChannelException e) {
            // The other direction ended it.
        } catch (IOException e) {
            sendFailure = e;
            wire.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            inputEnded.countDown();
        }
    }
}
