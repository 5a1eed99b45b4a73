package io.millrace.bench.socketapi;

import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.client.SocketError;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.UdpChannel;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A socket of type SOCK_DGRAM and of UDP. */
final class UdpDescriptor extends PacketDescriptor {
    private static final int MOST_SEGMENT = 0xFFFF;

    private final UdpChannel<IpAddress> channel;
    private final Content content;

    // What MSG_MORE or UDP_CORK holds back: one datagram, to whom its first part was sent.
    private final Object corking = new Object();
    private boolean corked;
    private boolean held;
    private int heldLength;
    private @Nullable Endpoint<IpAddress> heldFor;

    private volatile boolean sendShut;
    private volatile int segmentSize;
    private volatile boolean coalesced;

    UdpDescriptor(StackClient client, int domain, Settings settings, Content content) throws IOException {
        super(client, domain, settings);
        this.content = content;
        channel = client.openUdp();
        channel.dualStack(domain == Linux.AF_INET6);
    }

    @Override
    public boolean takesPlainIpv4() {
        return true;
    }

    @Override
    @Nullable
    IpAddress bound() throws IOException {
        final Endpoint<IpAddress> local = channel.local();
        return local == null ? null : local.address();
    }

    @Override
    PacketChannel<IpAddress, ?> channel() {
        return channel;
    }

    @Override
    public void bind(@Nullable Endpoint<IpAddress> local) throws IOException, ErrnoException {
        channel.reuseAddress(settings.reuseAddress);
        channel.reusePort(settings.reusePort);
        final Endpoint<IpAddress> wanted = orAny(local);
        requireOwnFamily(wanted);
        channel.bind(wanted);
        synchronized (settings) {
            settings.ip.bound(wanted.address());
        }
    }

    @Override
    @Nullable
    Endpoint<IpAddress> local() throws IOException {
        final Endpoint<IpAddress> local = channel.local();
        final Endpoint<IpAddress> peer = remote();
        if (local == null || peer == null || !local.address().isUnspecified()) {
            return local;
        }
        // To one peer it sends from one address, which Linux takes for its own.
        final IpAddress source = client.call(stack -> stack.sourceTowards(peer.address()));
        return source == null ? local : new Endpoint<>(source, local.port());
    }

    @Override
    boolean isBound() throws IOException {
        return channel.local() != null;
    }

    @Override
    void shut(int how) throws IOException, ErrnoException {
        sendShut |= how != Linux.SHUT_RD;
        super.shut(how);
    }

    /** What is only held back fails as what is sent does. */
    private void requireSendable() throws IOException, ErrnoException {
        final SocketError waiting = takeError();
        if (waiting != null) {
            throw new ErrnoException(waiting.number());
        }
        if (sendShut) {
            throw new ErrnoException(Linux.EPIPE);
        }
    }

    @Override
    public void connect(@Nullable Endpoint<IpAddress> remote) throws IOException, ErrnoException {
        if (remote == null) {
            channel.disconnect();
        } else {
            final IpAddress own = bound();
            final Endpoint<IpAddress> peer = orSelf(remote, own);
            requireSameFamily(peer.address(), own);
            requireWay(peer.address(), own);
            channel.connect(peer);
        }
    }

    @Override
    void transmit(int length, int flags, @Nullable Endpoint<IpAddress> to, SendOptions options)
            throws IOException, ErrnoException {
        if (to != null) {
            requireSameFamily(to.address(), bound());
        }
        synchronized (corking) {
            final boolean more = corked || (flags & Linux.MSG_MORE) != 0;
            if (!held && !more) {
                if (options.stages == SendOptions.UNSET) {
                    options.stages = stages(List.of());
                }
                channel.send(toSend(length, to), to, options);
                if (length > 0 && isNumbered(flags)) {
                    channel.noticeComplete();
                }
                return;
            }
            if (!held && to == null && channel.remote() == null) {
                throw new ErrnoException(Linux.EDESTADDRREQ);
            }
            requireSendable();
            final int whole = heldLength + length;
            if (whole > UdpView.MAX_PAYLOAD) {
                release();
                throw new ErrnoException(Linux.EMSGSIZE);
            }
            heldFor = held ? heldFor : to;
            heldLength = whole;
            held = true;
            if (!more) {
                flush();
            }
        }
    }

    @Override
    public long send(long length, int flags, @Nullable Endpoint<IpAddress> to, List<ControlMessage> controls)
            throws IOException, ErrnoException {
        final SendOptions options = ControlMessages.options(controls);
        options.stages = stages(controls);
        return send(length, flags, to, options);
    }

    @Override
    boolean isCoalesced() {
        return coalesced;
    }

    /** UDP_CORK; taking it back sends what was held. */
    @Override
    void cork(boolean value) throws IOException, ErrnoException {
        synchronized (corking) {
            corked = value;
            if (!value && held) {
                flush();
            }
        }
    }

    @Override
    boolean isCorked() {
        synchronized (corking) {
            return corked;
        }
    }

    private void flush() throws IOException, ErrnoException {
        final int length = heldLength;
        final Endpoint<IpAddress> to = heldFor;
        release();
        final SendOptions options = new SendOptions();
        options.stages = stages(List.of());
        channel.send(toSend(length, to), to, options);
    }

    private int stages(List<ControlMessage> controls) throws ErrnoException {
        synchronized (settings) {
            return settings.timestamping.stages(controls) & ~SendStage.ACKNOWLEDGED.bit();
        }
    }

    private boolean isNumbered(int flags) {
        synchronized (settings) {
            return settings.timestamping.isNumbered(flags);
        }
    }

    @Override
    long firstKey(boolean queued) throws IOException {
        return channel.noticesAsked();
    }

    private void release() {
        held = false;
        heldLength = 0;
        heldFor = null;
    }

    @Override
    ByteBuffer toSend(int length, @Nullable Endpoint<IpAddress> to) {
        final ByteBuffer bytes = ByteBuffer.allocate(length);
        content.fill(bytes.duplicate(), 0);
        return bytes;
    }

    @Override
    Received error(long length) throws IOException, ErrnoException {
        final IcmpErrorRepr error = channel.takeIcmpError();
        if (error == null) {
            return QueuedError.received(channel.takeSendNotice(), settings);
        }
        final int quoted = Math.max(0, error.transportLength - UdpView.LENGTH);
        return new Received(
                Math.min(quoted, length),
                new Endpoint<>(error.destination(), error.dstPort),
                null,
                QueuedError.of(error, quoted > length));
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
    boolean setsItself(int level, int option, byte[] value) throws IOException, ErrnoException {
        if (level == Linux.IPPROTO_UDP && option == Linux.UDP_SEGMENT) {
            segmentSize = OptionBytes.inRange(value, 0, MOST_SEGMENT);
            channel.segmentSize(Math.min(segmentSize, UdpView.MAX_PAYLOAD));
            return true;
        }
        if (level == Linux.IPPROTO_UDP && option == Linux.UDP_GRO) {
            coalesced = OptionBytes.flag(value);
            channel.coalesce(coalesced);
            return true;
        }
        final Membership membership = Membership.of(level, option, value);
        if (membership == null) {
            return false;
        }
        if (channel.local() == null) {
            bind(null);
        }
        membership.apply(client, (join, group, on) -> join ? channel.join(group, on) : channel.leave(group, on));
        return true;
    }

    @Override
    public byte[] getOption(int level, int option) throws IOException, ErrnoException {
        if (level == Linux.IPPROTO_UDP && option == Linux.UDP_SEGMENT) {
            return OptionBytes.of(segmentSize);
        }
        if (level == Linux.IPPROTO_UDP && option == Linux.UDP_GRO) {
            return OptionBytes.of(coalesced);
        }
        return super.getOption(level, option);
    }

    @Override
    void applySettings() throws IOException {
        final Settings now;
        synchronized (settings) {
            now = settings.copy();
        }
        channel.reuseAddress(now.reuseAddress);
        channel.reusePort(now.reusePort);
        channel.dualStack(domain == Linux.AF_INET6 && !now.ip.v6Only);
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
