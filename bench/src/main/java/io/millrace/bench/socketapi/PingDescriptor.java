package io.millrace.bench.socketapi;

import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.client.PingChannel;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A socket of type SOCK_DGRAM and of ICMP or ICMPv6: echo requests out, replies in. What a program sends of so many
 * bytes is an echo request of that length.
 */
final class PingDescriptor extends PacketDescriptor {
    private final PingChannel<IpAddress> channel;
    private volatile @Nullable IpAddress bound;

    PingDescriptor(StackClient client, int domain, Settings settings) throws IOException {
        super(client, domain, settings);
        channel = client.openPing();
    }

    @Override
    PacketChannel<IpAddress, ?> channel() {
        return channel;
    }

    @Override
    public void bind(@Nullable Endpoint<IpAddress> local) throws IOException {
        final Endpoint<IpAddress> place = orAny(local);
        channel.bind(place);
        bound = place.address();
    }

    @Override
    @Nullable
    Endpoint<IpAddress> local() throws IOException {
        return channel.local(); // the identifier of its echoes is its port, as on Linux
    }

    @Override
    @Nullable
    IpAddress bound() {
        return bound;
    }

    @Override
    public void connect(@Nullable Endpoint<IpAddress> remote) throws IOException, ErrnoException {
        if (remote == null) {
            channel.disconnect();
        } else {
            final Endpoint<IpAddress> peer = orSelf(remote, bound);
            requireWay(peer.address(), bound);
            channel.connect(peer);
        }
    }

    @Override
    ByteBuffer toSend(int length, @Nullable Endpoint<IpAddress> to) {
        final ByteBuffer bytes = ByteBuffer.allocate(length);
        if (length > 0) {
            bytes.put(0, (byte) (domain == Linux.AF_INET ? Icmpv4View.ECHO_REQUEST : Icmpv6View.ECHO_REQUEST));
        }
        return bytes;
    }

    @Override
    public @Nullable Endpoint<IpAddress> remote() throws IOException {
        final IpAddress remote = channel.remote();
        return remote == null ? null : new Endpoint<>(remote, 0);
    }

    @Override
    public int unread() throws IOException {
        return channel.available();
    }

    @Override
    void applySettings() throws IOException {
        final Settings now;
        synchronized (settings) {
            now = settings.copy();
        }
        channel.receiveTimeout(now.receiveTimeout);
        final int device = now.device.isEmpty() ? -1 : deviceIndex(now.device);
        channel.settings(socket -> {
            now.apply(socket);
            socket.interfaceIndex(device);
        });
    }

    @Override
    int type() {
        return Linux.SOCK_DGRAM;
    }

    @Override
    int protocol() {
        return domain == Linux.AF_INET ? Linux.IPPROTO_ICMP : Linux.IPPROTO_ICMPV6;
    }
}
