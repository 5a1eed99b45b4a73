package io.millrace.bench.nc;

import io.millrace.stack.client.TcpChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose SYN waits for what is written first (RFC 7413). Whoever reads finds out what became of it; our side
 * can be closed only after that.
 */
final class FirstSegment implements Wire {
    private final TcpChannel<?> channel;
    private final Wire.Stream stream;
    private final Runnable onConnected;
    private final CountDownLatch written = new CountDownLatch(1);
    private final CountDownLatch connected = new CountDownLatch(1);
    private volatile @Nullable Duration patience;

    /** Begins to wait; {@code onConnected} is called by whoever reads. */
    FirstSegment(TcpChannel<?> channel, Runnable onConnected) {
        this.channel = channel;
        this.stream = new Wire.Stream(channel);
        this.onConnected = onConnected;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (connected.getCount() > 0) {
            await(written);
            channel.finishConnect();
            onConnected.run();
            connected.countDown();
        }
        return stream.read(target);
    }

    private void await(CountDownLatch event) throws IOException {
        final Duration most = patience;
        try {
            if (most == null) {
                event.await();
            } else if (!event.await(most.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new SocketTimeoutException("nothing happened for so long");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
        stream.write(source);
        written.countDown();
    }

    @Override
    public void patience(@Nullable Duration time) {
        patience = time;
        channel.sendTimeout(time);
        stream.patience(time);
    }

    @Override
    public void shutdownOutput() throws IOException {
        written.countDown();
        await(connected);
        stream.shutdownOutput();
    }

    @Override
    public void close() {
        stream.close();
        written.countDown();
        connected.countDown();
    }
}
