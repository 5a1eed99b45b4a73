package io.millrace.bench.socketapi;

import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.UdpChannel;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A socket of type SOCK_DGRAM and of UDP. */
final class UdpDescriptor extends PacketDescriptor {
    private final UdpChannel<IpAddress> channel;
    private final Content content;

    UdpDescriptor(StackClient client, int domain, Settings settings, Content content) throws IOException {
        super(client, domain, settings);
        this.content = content;
        channel = client.openUdp();
    }

    @Override
    PacketChannel<IpAddress, ?> channel() {
        return channel;
    }

    @Override
    public void bind(@Nullable Endpoint<IpAddress> local) throws IOException {
        channel.reuseAddress(settings.reuseAddress || settings.reusePort);
        channel.bind(local == null ? new Endpoint<>(any(), 0) : local);
    }

    @Override
    public void connect(@Nullable Endpoint<IpAddress> remote) throws IOException {
        if (remote == null) {
            channel.disconnect();
        } else {
            channel.connect(remote);
        }
    }

    @Override
    ByteBuffer toSend(int length, @Nullable Endpoint<IpAddress> to) {
        final ByteBuffer bytes = ByteBuffer.allocate(length);
        content.fill(bytes.duplicate(), 0);
        return bytes;
    }

    @Override
    public @Nullable Endpoint<IpAddress> remote() throws IOException {
        return channel.remote();
    }

    @Override
    public int unread() throws IOException {
        return channel.available();
    }

    @Override
    boolean joins(int level, int option, byte[] value) throws IOException, ErrnoException {
        final Membership membership = Membership.of(level, option, value);
        if (membership == null) {
            return false;
        }
        if (channel.local() == null) {
            bind(null);
        }
        membership.apply(client, channel);
        return true;
    }

    @Override
    void applySettings() throws IOException {
        final Settings now;
        synchronized (settings) {
            now = settings.copy();
        }
        channel.receiveTimeout(now.receiveTimeout);
        channel.allErrors(now.ip.receiveErrors);
        final int device = now.device.isEmpty() ? -1 : deviceIndex(now.device);
        channel.settings(socket -> {
            now.apply(socket);
            socket.interfaceIndex(device);
        });
        if (now.receiveBuffer() != Settings.UNSET) {
            channel.receiveBuffer(now.receiveBuffer());
        }
    }

    @Override
    int type() {
        return Linux.SOCK_DGRAM;
    }

    @Override
    int protocol() {
        return Linux.IPPROTO_UDP;
    }
}
