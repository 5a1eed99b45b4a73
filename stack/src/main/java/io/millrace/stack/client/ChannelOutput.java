package io.millrace.stack.client;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;

/** A channel written as a stream. */
final class ChannelOutput extends OutputStream {
    private final TcpChannel<?> channel;

    ChannelOutput(final TcpChannel<?> channel) {
        this.channel = channel;
    }

    @Override
    public void write(final int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(final byte[] source, final int offset, final int length) throws IOException {
        final ByteBuffer rest = ByteBuffer.wrap(source, offset, length);
        while (rest.hasRemaining()) {
            if (!channel.isBlocking()) {
                throw new IllegalBlockingModeException();
            }
            channel.write(rest); // what was taken before an error is told with the next call
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
