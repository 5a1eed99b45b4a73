package io.millrace.bench.socketapi;

import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.SocketError;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.client.TcpServerChannel;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.socket.tcp.TcpTimes;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A socket of type SOCK_STREAM: unconnected, connected or listening. */
public final class TcpDescriptor extends Descriptor {
    private final Content content;
    private final FastOpenSend fastOpen = new FastOpenSend();
    private final Object transition = new Object();
    private volatile TcpChannel<IpAddress> channel;
    private volatile @Nullable TcpServerChannel<IpAddress> server;
    private @Nullable Endpoint<IpAddress> bound;
    private boolean closed; // with transition

    private final StreamTransfers transfers;

    TcpDescriptor(StackClient client, int domain, Settings settings, Content content) throws IOException {
        this(client, domain, settings, content, client.openTcp());
    }

    private TcpDescriptor(
            StackClient client, int domain, Settings settings, Content content, TcpChannel<IpAddress> channel) {
        super(client, domain, settings);
        this.content = content;
        this.transfers = new StreamTransfers(content);
        this.channel = channel;
    }

    /** Bytes that the program wrote. */
    public long written() {
        return transfers.written();
    }

    /**
     * TCP_INFO: what the connection looks like inside, see {@link TcpInfoLayout}.
     *
     * @param now microseconds, on the clock that the stack is told
     */
    public byte[] info(long now) throws IOException {
        if (server == null && channel.remote() != null) {
            return TcpInfoLayout.of(channel.info(), now);
        }
        return TcpInfoLayout.of(TcpInfoLayout.state(server == null ? TcpState.CLOSED : TcpState.LISTEN));
    }

    @Override
    public void bind(@Nullable Endpoint<IpAddress> local) throws IOException, ErrnoException {
        synchronized (transition) {
            if (bound != null || server != null) {
                throw new ErrnoException(Linux.EINVAL);
            }
            final Endpoint<IpAddress> wanted = orAny(local);
            channel.reuseAddress(settings.reuseAddress);
            channel.reusePort(settings.reusePort);
            channel.bind(wanted);
            bound = wanted;
            synchronized (settings) {
                settings.ip.bound(wanted.address());
            }
        }
    }

    @Override
    public void connect(@Nullable Endpoint<IpAddress> remote) throws IOException, ErrnoException {
        if (remote == null) {
            if (!unlisten()) {
                channel.disconnect();
                applySettings(); // for what comes next
            }
            return;
        }
        if (server != null) {
            throw new ErrnoException(Linux.EISCONN);
        }
        settings.tcp.opening.checkConnect(client, channel);
        bindToDevice(remote.address());
        final Endpoint<IpAddress> local = bound;
        final boolean connected;
        try {
            connected = channel.connect(orSelf(remote, local == null ? null : local.address()));
        } catch (SocketTimeoutException e) {
            throw new ErrnoException(Linux.EINPROGRESS);
        }
        if (!connected) {
            throw new ErrnoException(Linux.EINPROGRESS);
        }
    }

    /** Takes an address of the interface that the socket is bound to for its own. */
    private void bindToDevice(IpAddress remote) throws IOException, ErrnoException {
        final String device = settings.device;
        if (device.isEmpty() || bound != null) {
            return;
        }
        final IpAddress local = Interfaces.addressOf(client, device, remote);
        if (local == null) {
            throw new ErrnoException(Linux.ENETUNREACH);
        }
        bound = new Endpoint<>(local, 0);
        channel.bind(new Endpoint<>(local, 0));
    }

    @Override
    public void listen(int backlog) throws IOException, ErrnoException {
        // Linux completes one more than it is told, and so always one.
        final int places = Math.min(Math.max(backlog, 0), Integer.MAX_VALUE - 1) + 1;
        synchronized (transition) {
            if (closed) {
                throw new ErrnoException(Linux.EBADF);
            }
            final TcpServerChannel<IpAddress> running = server;
            if (running != null) {
                running.listen(List.of(), places);
                return;
            }
            if (channel.remote() != null) {
                throw new ErrnoException(Linux.EINVAL);
            }
            final TcpServerChannel<IpAddress> begun = client.openTcpServer();
            channel.close(); // its port becomes the listener's
            final Settings now;
            synchronized (settings) {
                now = settings.copy();
            }
            begun.configure(now::apply);
            begun.reuseAddress(now.reuseAddress);
            begun.reusePort(now.reusePort);
            try {
                begun.listen(places(), places);
            } catch (IOException e) {
                begun.close();
                reopen();
                throw e;
            }
            begun.receiveTimeout(now.receiveTimeout);
            server = begun;
        }
    }

    /** Where to listen: a socket of IPv6 that is bound to no address hears IPv4 too. */
    private List<Endpoint<IpAddress>> places() {
        final Endpoint<IpAddress> local = bound;
        final int port = local == null ? 0 : local.port();
        final boolean any = local == null || local.address().isUnspecified();
        if (domain == Linux.AF_INET6 && any && !settings.ip.v6Only) {
            return List.of(
                    new Endpoint<>(Ipv6Address.UNSPECIFIED, port), new Endpoint<>(Ipv4Address.UNSPECIFIED, port));
        }
        return List.of(orAny(local));
    }

    /** A fresh channel where the socket is bound. */
    private void reopen() throws IOException {
        channel = client.openTcp();
        final Endpoint<IpAddress> local = bound;
        if (local != null) {
            channel.reuseAddress(true);
            channel.reusePort(true);
            channel.bind(local);
        }
        nonBlocking(isNonBlocking());
        applySettings();
    }

    @Override
    public TcpDescriptor accept() throws IOException, ErrnoException {
        final TcpServerChannel<IpAddress> listening = server;
        if (listening == null) {
            throw new ErrnoException(Linux.EINVAL);
        }
        final TcpChannel<IpAddress> accepted;
        try {
            accepted = waits() ? listening.accept() : listening.tryAccept();
        } catch (ClosedChannelException e) {
            synchronized (transition) {
                throw new ErrnoException(closed ? Linux.EBADF : Linux.EINVAL); // it listens no more
            }
        }
        if (accepted == null) {
            throw new ErrnoException(Linux.EAGAIN);
        }
        final Settings inherited;
        synchronized (settings) {
            inherited = settings.copy();
        }
        final TcpDescriptor connection = new TcpDescriptor(client, domain, inherited, content, accepted);
        accepted.receiveTimeout(inherited.receiveTimeout);
        accepted.sendTimeout(inherited.sendTimeout);
        return connection;
    }

    @Override
    public Received receive(long length, int flags) throws IOException, ErrnoException {
        if ((flags & Linux.MSG_ERRQUEUE) != 0) {
            return QueuedError.received(channel.takeSendNotice(), settings);
        }
        if (server != null) {
            throw new ErrnoException(Linux.ENOTCONN);
        }
        if ((flags & Linux.MSG_OOB) != 0) {
            throw new ErrnoException(Linux.EINVAL); // urgent data is in line, as after SO_OOBINLINE (RFC 6093)
        }
        final int passed = flags & (Linux.MSG_PEEK | Linux.MSG_DONTWAIT | Linux.MSG_WAITALL);
        return new Received(transfers.receive(channel, length, passed), null);
    }

    @Override
    long firstKey(boolean queued) throws IOException, ErrnoException {
        if (standing() != Standing.CONNECTED) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return StreamInquiries.firstKey(channel, queued);
    }

    @Override
    public long send(long length, int flags, @Nullable Endpoint<IpAddress> to) throws IOException, ErrnoException {
        return send(length, flags, to, List.of());
    }

    @Override
    public long send(long length, int flags, @Nullable Endpoint<IpAddress> to, List<ControlMessage> controls)
            throws IOException, ErrnoException {
        if (server != null) {
            throw new ErrnoException((flags & Linux.MSG_FASTOPEN) != 0 ? Linux.EISCONN : Linux.EPIPE);
        }
        final int told;
        synchronized (settings) {
            final boolean waiting = !isNonBlocking() && (flags & Linux.MSG_DONTWAIT) == 0;
            told = settings.timestamping.streamFlags(flags, controls, waiting);
        }
        final int passed =
                fastOpen.begin(this, channel, flags, length, to) | (flags & (Linux.MSG_DONTWAIT | Linux.MSG_MORE));
        final int last = told
                | ((flags & Linux.MSG_EOR) != 0 ? TcpChannel.END_RECORD : 0)
                | ((flags & Linux.MSG_OOB) != 0 ? TcpChannel.URGENT : 0);
        final long total = transfers.send(channel, length, passed, last);
        final boolean waits = waits() && (flags & Linux.MSG_DONTWAIT) == 0;
        if (total == 0 && (length > 0 || (!waits && isConnecting()))) {
            throw new ErrnoException(Linux.EAGAIN);
        }
        if (waits && isConnecting()) {
            channel.finishConnect();
        }
        return total;
    }

    /**
     * What sending to an address of the family AF_UNSPEC comes to: Fast Open cannot connect to nobody, and else no address
     * counts.
     */
    public static void refuseUnspecified(int flags) throws ErrnoException {
        if ((flags & Linux.MSG_FASTOPEN) != 0) {
            throw new ErrnoException(Linux.EOPNOTSUPP);
        }
    }

    /** Whether it waits for the answer to its SYN, with which data may have gone. */
    public boolean isConnecting() throws IOException {
        return server == null && fastOpen.isConnecting(channel);
    }

    @Override
    public void shutdown(int how) throws IOException, ErrnoException {
        if (how == Linux.SHUT_WR ? server != null : unlisten()) {
            return;
        }
        channel.shutdown(how != Linux.SHUT_WR, how != Linux.SHUT_RD);
    }

    /** Listens no more, but is still bound. Returns false if it did not listen. */
    private boolean unlisten() throws IOException {
        synchronized (transition) {
            final TcpServerChannel<IpAddress> listening = server;
            if (listening == null || closed) {
                return false;
            }
            server = null;
            listening.close();
            reopen();
            return true;
        }
    }

    /** From now on no call that is under way opens anything in its place; returns its listener, if it listens. */
    private @Nullable TcpServerChannel<IpAddress> leave() {
        synchronized (transition) {
            closed = true;
            return server;
        }
    }

    @Override
    public void close() {
        final TcpServerChannel<IpAddress> listening = leave();
        final Duration patience = linger();
        if (listening != null) {
            listening.close();
        }
        if (listening != null || patience == null || client.isDirect()) {
            channel.close();
            return;
        }
        try {
            channel.close(patience);
        } catch (InterruptedIOException e) {
            // It is closed all the same, and whoever asked to be interrupted finds the thread so.
        }
    }

    /** SO_LINGER: how long closing waits for what was written to arrive; null if it does not. */
    public @Nullable Duration linger() {
        synchronized (settings) {
            return settings.linger();
        }
    }

    /**
     * Closes it without waiting, and says when closing would not wait any more.
     *
     * @param settled called once, on the thread that polls the stack
     */
    public void close(Runnable settled) {
        if (leave() == null) {
            channel.close(settled);
        } else {
            close();
            settled.run();
        }
    }

    @Override
    public @Nullable Endpoint<IpAddress> remote() throws IOException {
        return channel.remote();
    }

    @Override
    @Nullable
    Endpoint<IpAddress> local() throws IOException {
        final TcpServerChannel<IpAddress> listening = server;
        if (listening == null) {
            return channel.local();
        }
        final List<Endpoint<IpAddress>> places = listening.local();
        return places.isEmpty() ? bound : places.getFirst();
    }

    @Override
    boolean isConnected() throws IOException {
        return standing() == Standing.CONNECTED && channel.ask(TcpSocket::state) != TcpState.SYN_SENT;
    }

    @Override
    public int unread() throws IOException, ErrnoException {
        refuseListener();
        return channel.available();
    }

    @Override
    public int unsent(boolean neverSentOnly) throws IOException, ErrnoException {
        refuseListener();
        return StreamInquiries.unsent(channel, neverSentOnly);
    }

    @Override
    public boolean isAtMark() throws IOException, ErrnoException {
        return server == null && channel.urgentLeft() == 1;
    }

    private void refuseListener() throws ErrnoException {
        if (server != null) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    @Override
    public Readiness readiness() {
        synchronized (transition) { // in between it has neither
            final TcpServerChannel<IpAddress> listening = server;
            return listening == null ? channel.readiness() : listening.readiness();
        }
    }

    @Override
    @Nullable
    SocketError takeError() throws IOException {
        return server == null ? channel.takeError() : null;
    }

    @Override
    public void nonBlocking(boolean value) {
        super.nonBlocking(value);
        channel.configureBlocking(!value);
    }

    @Override
    void applySettings() throws IOException {
        final Settings now;
        synchronized (settings) {
            now = settings.copy();
            settings.tcp.applied();
        }
        final TcpServerChannel<IpAddress> listening = server;
        if (listening == null) {
            channel.receiveTimeout(now.receiveTimeout);
            channel.sendTimeout(now.sendTimeout);
            channel.reuseAddress(now.reuseAddress);
            channel.reusePort(now.reusePort);
            channel.options(now::apply);
        } else {
            listening.receiveTimeout(now.receiveTimeout);
            listening.reuseAddress(now.reuseAddress);
            listening.reusePort(now.reusePort);
            listening.configure(now::apply);
        }
    }

    @Override
    boolean setsItself(int level, int option, byte[] value) throws IOException, ErrnoException {
        return StreamOptions.set(this, channel, level, option, value);
    }

    @Override
    public byte[] getOption(int level, int option, int room, byte[] given) throws IOException, ErrnoException {
        final byte[] value = StreamOptions.chosen(this, channel, level, option, room, given);
        return value == null ? super.getOption(level, option, room, given) : value;
    }

    @Override
    public byte[] getOption(int level, int option) throws IOException, ErrnoException {
        final byte[] value = StreamOptions.get(this, channel, level, option);
        return value == null ? super.getOption(level, option) : value;
    }

    @Override
    int type() {
        return Linux.SOCK_STREAM;
    }

    @Override
    int protocol() {
        return Linux.IPPROTO_TCP;
    }

    /** When what was received came; TCP_INQ. */
    @Override
    public List<ControlMessage> controls(Received received) throws IOException, ErrnoException {
        if (received.error() != null) {
            return super.controls(received);
        }
        final List<ControlMessage> told = new ArrayList<>();
        final boolean inq;
        synchronized (settings) {
            if (settings.timestamping.receives() || settings.ancillary.tellsTimes()) {
                final long came = StreamInquiries.receivedAt(channel);
                told.addAll(came == TcpTimes.UNKNOWN ? List.of() : ControlMessages.times(came, settings));
            }
            inq = settings.ancillary.isOn(Linux.IPPROTO_TCP, Linux.TCP_INQ);
        }
        if (inq) {
            told.add(StreamInquiries.inq(unread(), readiness()));
        }
        return told;
    }

    @Override
    Standing standing() throws IOException {
        return server == null ? Standing.of(channel) : Standing.LISTENING;
    }

    @Override
    byte[] savedSyn(int room) throws IOException, ErrnoException {
        return server == null ? StreamInquiries.savedSyn(channel, room) : super.savedSyn(room);
    }

    @Override
    boolean isBound() throws IOException {
        return bound != null || standing() != Standing.CLOSED;
    }

    @Override
    boolean listens() {
        return server != null;
    }
}
