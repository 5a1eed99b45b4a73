package io.millrace.stack.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;

/** A channel read as a stream. */
final class ChannelInput extends InputStream {
    private final TcpChannel<?> channel;

    ChannelInput(final TcpChannel<?> channel) {
        this.channel = channel;
    }

    @Override
    public int read() throws IOException {
        final byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(final byte[] target, final int offset, final int length) throws IOException {
        if (!channel.isBlocking()) {
            throw new IllegalBlockingModeException(); // 0 bytes would mean that the caller asked for none
        }
        return channel.read(ByteBuffer.wrap(target, offset, length));
    }

    @Override
    public int available() throws IOException {
        return channel.available();
    }

    @Override
    public void close() {
        channel.close();
    }
}
