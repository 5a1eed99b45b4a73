package io.millrace.bench.nc;

import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.client.UdpChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a relay reads from and writes to, beside the standard streams. */
interface Wire {
    /**
     * Reads what there is, or waits for it.
     *
     * @return how many bytes; -1 if none will come any more
     * @throws java.net.SocketTimeoutException if nothing came in time
     */
    int read(ByteBuffer target) throws IOException;

    /** Writes all. */
    void write(ByteBuffer source) throws IOException;

    /** How long {@link #read} waits at most; null for ever. */
    void patience(@Nullable Duration time);

    /** Closes our side. */
    void shutdownOutput() throws IOException;

    /** Ends it; whoever reads fails. */
    void close();

    /** A connection. */
    record Stream(TcpChannel<?> channel) implements Wire {
        @Override
        public int read(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        public void write(ByteBuffer source) throws IOException {
            while (source.hasRemaining()) {
                channel.write(source);
            }
        }

        @Override
        public void patience(@Nullable Duration time) {
            channel.receiveTimeout(time);
        }

        @Override
        public void shutdownOutput() throws IOException {
            channel.shutdownOutput();
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    /** A connected UDP socket. */
    record Datagrams(UdpChannel<?> channel) implements Wire {
        @Override
        public int read(ByteBuffer target) throws IOException {
            final int before = target.position();
            return channel.receive(target, 0) == null ? -1 : target.position() - before;
        }

        @Override
        public void write(ByteBuffer source) throws IOException {
            channel.send(source);
        }

        @Override
        public void patience(@Nullable Duration time) {
            channel.receiveTimeout(time);
        }

        @Override
        public void shutdownOutput() {
            // A datagram has no end to tell.
        }

        @Override
        public void close() {
            channel.close();
        }
    }
}
