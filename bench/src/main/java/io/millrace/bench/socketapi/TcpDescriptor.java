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
    private final StreamEnd end;
    private final StreamTransfers transfers;

    TcpDescriptor(StackClient client, int domain, Settings settings, Content content) throws IOException {
        this(client, domain, settings, content, client.openTcp());
    }

    private TcpDescriptor(
            StackClient client, int domain, Settings settings, Content content, TcpChannel<IpAddress> channel) {
        super(client, domain, settings);
        this.content = content;
        this.transfers = new StreamTransfers(content);
        this.end = new StreamEnd(this, channel);
    }

    private TcpChannel<IpAddress> channel() {
        return end.channel();
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
        if (!listens() && channel().remote() != null) {
            return TcpInfoLayout.of(channel().info(), now);
        }
        return TcpInfoLayout.of(TcpInfoLayout.state(listens() ? TcpState.LISTEN : TcpState.CLOSED));
    }

    @Override
    public void bind(@Nullable Endpoint<IpAddress> local) throws IOException, ErrnoException {
        final Endpoint<IpAddress> wanted = orAny(local);
        requireOwnFamily(wanted);
        end.bind(wanted);
    }

    @Override
    public void connect(@Nullable Endpoint<IpAddress> remote) throws IOException, ErrnoException {
        if (remote == null) {
            if (!end.unlisten()) {
                channel().disconnect();
                applySettings(); // for what comes next
            }
            return;
        }
        if (listens()) {
            throw new ErrnoException(Linux.EISCONN);
        }
        settings.tcp.opening.checkConnect(client, channel());
        end.bindToDevice(remote.address());
        final Endpoint<IpAddress> local = end.bound();
        if (channel().remote() == null) {
            requireSameFamily(remote.address(), local == null ? null : local.address());
        }
        final boolean connected;
        try {
            connected = channel().connect(orSelf(remote, local == null ? null : local.address()));
        } catch (SocketTimeoutException e) {
            throw new ErrnoException(Linux.EINPROGRESS);
        }
        if (!connected) {
            throw new ErrnoException(Linux.EINPROGRESS);
        }
    }

    @Override
    public void listen(int backlog) throws IOException, ErrnoException {
        // Linux completes one more than it is told, and so always one.
        final int places = Math.min(Math.max(backlog, 0), Integer.MAX_VALUE - 1) + 1;
        end.listen(places);
    }

    @Override
    public TcpDescriptor accept() throws IOException, ErrnoException {
        final TcpServerChannel<IpAddress> listening = end.server();
        if (listening == null) {
            throw new ErrnoException(Linux.EINVAL);
        }
        final TcpChannel<IpAddress> accepted;
        try {
            accepted = waits() ? listening.accept() : listening.tryAccept();
        } catch (ClosedChannelException e) {
            throw new ErrnoException(end.isClosed() ? Linux.EBADF : Linux.EINVAL); // it listens no more
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
            return QueuedError.received(channel().takeSendNotice(), settings);
        }
        if (listens()) {
            throw new ErrnoException(Linux.ENOTCONN);
        }
        if ((flags & Linux.MSG_OOB) != 0) {
            throw new ErrnoException(Linux.EINVAL); // urgent data is in line, as after SO_OOBINLINE (RFC 6093)
        }
        final int passed = flags & (Linux.MSG_PEEK | Linux.MSG_DONTWAIT | Linux.MSG_WAITALL);
        return new Received(transfers.receive(channel(), length, passed), null);
    }

    @Override
    long firstKey(boolean queued) throws IOException, ErrnoException {
        if (standing() != Standing.CONNECTED) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return StreamInquiries.firstKey(channel(), queued);
    }

    @Override
    public long send(long length, int flags, @Nullable Endpoint<IpAddress> to) throws IOException, ErrnoException {
        return send(length, flags, to, List.of());
    }

    @Override
    public long send(long length, int flags, @Nullable Endpoint<IpAddress> to, List<ControlMessage> controls)
            throws IOException, ErrnoException {
        if (listens()) {
            throw new ErrnoException((flags & Linux.MSG_FASTOPEN) != 0 ? Linux.EISCONN : Linux.EPIPE);
        }
        final int told;
        synchronized (settings) {
            final boolean waiting = !isNonBlocking() && (flags & Linux.MSG_DONTWAIT) == 0;
            told = settings.timestamping.streamFlags(flags, controls, waiting);
        }
        final int passed =
                fastOpen.begin(this, channel(), flags, length, to) | (flags & (Linux.MSG_DONTWAIT | Linux.MSG_MORE));
        final int last = told
                | ((flags & Linux.MSG_EOR) != 0 ? TcpChannel.END_RECORD : 0)
                | ((flags & Linux.MSG_OOB) != 0 ? TcpChannel.URGENT : 0);
        final long total = transfers.send(channel(), length, passed, last);
        final boolean waits = waits() && (flags & Linux.MSG_DONTWAIT) == 0;
        if (total == 0 && (length > 0 || (!waits && isConnecting()))) {
            throw new ErrnoException(Linux.EAGAIN);
        }
        if (waits && isConnecting()) {
            channel().finishConnect();
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

    /** Whether no address counts for what is sent: nothing connects by that, or it has a peer. */
    public boolean sendsRegardless(int flags) throws IOException {
        return ((flags & Linux.MSG_FASTOPEN) == 0 && !settings.tcp.sendingConnects())
                || listens()
                || channel().remote() != null;
    }

    /** Whether it waits for the answer to its SYN, with which data may have gone. */
    public boolean isConnecting() throws IOException {
        return !listens() && fastOpen.isConnecting(channel());
    }

    @Override
    void shut(int how) throws IOException, ErrnoException {
        if (how == Linux.SHUT_WR ? listens() : end.unlisten()) {
            return;
        }
        channel().shutdown(how != Linux.SHUT_WR, how != Linux.SHUT_RD);
    }

    @Override
    public void close() {
        final TcpServerChannel<IpAddress> listening = end.leave();
        final Duration patience = linger();
        if (listening != null) {
            listening.close();
        }
        if (listening != null || patience == null || client.isDirect()) {
            channel().close();
            return;
        }
        try {
            channel().close(patience);
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
        if (end.leave() == null) {
            channel().close(settled);
        } else {
            close();
            settled.run();
        }
    }

    @Override
    public @Nullable Endpoint<IpAddress> remote() throws IOException {
        return channel().remote();
    }

    @Override
    @Nullable
    Endpoint<IpAddress> local() throws IOException {
        return end.local();
    }

    @Override
    boolean isConnected() throws IOException {
        return standing() == Standing.CONNECTED && channel().ask(TcpSocket::state) != TcpState.SYN_SENT;
    }

    @Override
    public int unread() throws IOException, ErrnoException {
        refuseListener();
        return channel().available();
    }

    @Override
    public int unsent(boolean neverSentOnly) throws IOException, ErrnoException {
        refuseListener();
        return StreamInquiries.unsent(channel(), neverSentOnly);
    }

    @Override
    public boolean isAtMark() throws IOException, ErrnoException {
        return !listens() && channel().urgentLeft() == 1;
    }

    private void refuseListener() throws ErrnoException {
        if (listens()) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    @Override
    public Readiness readiness() {
        return end.readiness();
    }

    @Override
    @Nullable
    SocketError takeError() throws IOException {
        return listens() ? null : channel().takeError();
    }

    @Override
    public void nonBlocking(boolean value) {
        super.nonBlocking(value);
        channel().configureBlocking(!value);
    }

    @Override
    void applySettings() throws IOException {
        end.apply();
    }

    @Override
    boolean setsItself(int level, int option, byte[] value) throws IOException, ErrnoException {
        return StreamOptions.set(this, channel(), level, option, value);
    }

    @Override
    public byte[] getOption(int level, int option, int room, byte[] given) throws IOException, ErrnoException {
        final byte[] value = StreamOptions.chosen(this, channel(), level, option, room, given);
        return value == null ? super.getOption(level, option, room, given) : value;
    }

    @Override
    public byte[] getOption(int level, int option) throws IOException, ErrnoException {
        final byte[] value = StreamOptions.get(this, channel(), level, option);
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
                final long came = StreamInquiries.receivedAt(channel());
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
        return listens() ? Standing.LISTENING : Standing.of(channel());
    }

    @Override
    byte[] savedSyn(int room) throws IOException, ErrnoException {
        return listens() ? super.savedSyn(room) : StreamInquiries.savedSyn(channel(), room);
    }

    @Override
    boolean isBound() throws IOException {
        return end.bound() != null || standing() != Standing.CLOSED;
    }

    @Override
    boolean listens() {
        return end.server() != null;
    }
}
