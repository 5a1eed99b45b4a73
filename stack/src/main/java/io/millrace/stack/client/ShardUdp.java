package io.millrace.stack.client;

import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSegments;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The shard's end of a UDP socket, which may not have a place yet. */
final class ShardUdp extends ShardSocket {
    /** Most datagrams that wait, if bytes are what limits them. */
    private static final int PACKETS = 0xFFFF;

    private final PortClaim claim;
    private final List<Consumer<? super SocketSettings>> early = new ArrayList<>(0);
    private final Runnable signal = this::onWaiting;
    private final UdpPair sockets = new UdpPair();
    /** A place of IPv6 is one of IPv4 too. */
    private boolean dual;

    private final UdpErrors errors = new UdpErrors();
    private final SendNotices notices;
    /** Bytes that may wait; 0 if nobody said. */
    private int room;

    /** Bytes of the datagrams in which what is longer is sent; 0 for one datagram. */
    private int segmentSize;
    /** What was received at once; null to receive datagram by datagram. */
    private @Nullable UdpSegments joined;

    private boolean readShut;
    private boolean writeShut;
    private boolean closed;

    ShardUdp(final ClientService service) {
        super(service);
        claim = new PortClaim(service.udpClaims(), this);
        notices = new SendNotices(service.stack().counters());
        service.add(this);
        update();
    }

    /** Where it receives. */
    @Nullable
    Endpoint<IpAddress> local() {
        final UdpSocket<IpAddress> bound = sockets.first();
        return bound == null ? null : bound.local();
    }

    /** The socket; null before it has a place. */
    @Nullable
    UdpSocket<IpAddress> socket() {
        return sockets.first();
    }

    /** Whom it is connected to. */
    @Nullable
    Endpoint<IpAddress> remote() {
        return sockets.remote();
    }

    /** Whether a place of IPv6 that is bound to no address is one of IPv4 too; heeded when it gets its place. */
    void dualStack(final boolean value) {
        dual = value;
    }

    void reuseAddress(final boolean value) {
        claim.reuseAddress(value);
        permit();
    }

    void reusePort(final boolean value) {
        claim.reusePort(value);
        permit();
    }

    private void permit() {
        sockets.each(each -> each.permit(claim.reusesPort(), claim.reusesAddress()));
    }

    /** Whether errors of whatever it sends are told, not only those of the peer that it is connected to. */
    void allErrors(final boolean told) {
        errors.all(told);
    }

    void segmentSize(final int bytes) {
        segmentSize = bytes;
    }

    void coalesce(final boolean value) {
        joined = value ? new UdpSegments() : null;
    }

    /** Joins a group or leaves it. Returns whether that is new. */
    boolean member(final IpAddress group, final int interfaceIndex, final boolean join) {
        final UdpSocket<IpAddress> own = sockets.of(group.family());
        final UdpSocket<IpAddress> at = own == null ? sockets.first() : own; // in vain, as on Linux
        if (at == null) {
            throw new IllegalStateException("not bound");
        }
        return join ? at.join(group, interfaceIndex) : at.leave(group, interfaceIndex);
    }

    /** Changes settings now, or as soon as it has a place. */
    void settings(final Consumer<? super SocketSettings> change) {
        if (sockets.isEmpty()) {
            early.add(change);
        } else {
            sockets.each(each -> change.accept(each.settings()));
        }
    }

    /** Changes how much may wait, now or as soon as it has a place. */
    void receiveBuffer(final int bytes) {
        room = Math.max(1, bytes);
        sockets.each(each -> each.queueLimits(PACKETS, room));
    }

    /** Bytes of the datagram that waits longest. */
    int nextLength() {
        final UdpSocket<IpAddress> earlier = sockets.earlier();
        final UdpDatagram next = earlier == null ? null : earlier.peek();
        return next == null ? 0 : next.length();
    }

    @Override
    int serve(final int kind, final Operation operation) {
        if (closed) {
            return SocketError.EBADF.result();
        }
        return switch (kind) {
            case Operation.BIND -> bind(operation);
            case Operation.CONNECT -> connect(operation);
            case Operation.SEND -> send(operation);
            case Operation.RECEIVE -> receive(operation);
            case Operation.SHUTDOWN -> shutdown(operation.flags);
            case Operation.TAKE_ERROR -> takeError();
            case Operation.CLOSE, Operation.ABORT -> close();
            default -> SocketError.EOPNOTSUPP.result();
        };
    }

    @SuppressWarnings("unchecked") // the channel hands in an endpoint
    private int bind(final Operation operation) {
        final Endpoint<IpAddress> local = (Endpoint<IpAddress>) operation.argument;
        return local == null || !sockets.isEmpty() ? SocketError.EINVAL.result() : open(local);
    }

    private int open(final Endpoint<IpAddress> local) {
        final int result = openAt(local);
        final UdpSocket<IpAddress> first = sockets.first();
        if (result != 0
                || first == null
                || !dual
                || local.address().family() != IpFamily.V6
                || !local.address().isUnspecified()) {
            return result;
        }
        final Endpoint<IpAddress> same =
                new Endpoint<>(Ipv4Address.UNSPECIFIED, first.local().port());
        try {
            if (!claim.take(same)) {
                throw new AddressInUseException("UDP port " + same.port() + " of IPv4");
            }
            final UdpSocket<IpAddress> second = service.stack().bind(same, config(), null);
            sockets.second(second);
            begin(second);
            return 0;
        } catch (final AddressInUseException e) {
            claim.release();
            first.close();
            sockets.first(null);
            return SocketError.EADDRINUSE.result();
        }
    }

    private UdpConfig config() {
        return UdpConfig.defaults()
                .withShared(claim.reusesPort())
                .withReused(claim.reusesAddress())
                .withErrors(true);
    }

    private int openAt(final Endpoint<IpAddress> local) {
        final UdpConfig config = config();
        if (local.port() != 0 && !claim.take(local)) {
            return SocketError.EADDRINUSE.result();
        }
        try {
            opened(service.stack().bind(local, config, null));
            return 0;
        } catch (final AddressInUseException e) {
            claim.release();
            return SocketError.EADDRINUSE.result();
        } catch (final IllegalArgumentException e) {
            claim.release();
            return SocketError.EADDRNOTAVAIL.result();
        }
    }

    private void opened(final UdpSocket<IpAddress> made) {
        sockets.first(made);
        claim.take(made.local()); // again, or what the stack chose
        begin(made);
    }

    private void begin(final UdpSocket<IpAddress> made) {
        made.onWaiting(signal);
        if (room > 0) {
            made.queueLimits(PACKETS, room);
        }
        early.forEach(change -> change.accept(made.settings()));
    }

    @SuppressWarnings("unchecked") // the channel hands in an endpoint, or null to disconnect
    private int connect(final Operation operation) {
        final Endpoint<IpAddress> remote = (Endpoint<IpAddress>) operation.argument;
        if (remote == null) {
            disconnect();
            return 0;
        }
        if (sockets.isEmpty() && dual) {
            final int opened = open(new Endpoint<>(Ipv6Address.UNSPECIFIED, 0));
            if (opened != 0) {
                return opened;
            }
        }
        final UdpSocket<IpAddress> current = sockets.of(remote.address().family());
        if (current == null && !sockets.isEmpty()) {
            return wrongFamily(remote.address().family());
        }
        if (service.stack().sourceTowards(remote.address()) == null) {
            return SocketError.ENETUNREACH.result();
        }
        if (service.stack().isBroadcast(remote.address()) && !mayBroadcast()) {
            return SocketError.EACCES.result();
        }
        try {
            if (current == null) {
                opened(service.stack().connectUdp(remote, UdpConfig.defaults(), null));
            } else {
                disconnect();
                current.connect(remote);
                sockets.drainDeaf();
            }
            return 0;
        } catch (final AddressInUseException e) {
            return SocketError.EADDRNOTAVAIL.result();
        } catch (final IllegalArgumentException e) {
            return SocketError.EINVAL.result();
        }
    }

    private void disconnect() {
        sockets.each(UdpSocket::disconnect);
    }

    /** What an address of the other family is answered with, as on Linux. */
    private int wrongFamily(final int family) {
        return (family == IpFamily.V4 || dual ? SocketError.ENETUNREACH : SocketError.EAFNOSUPPORT).result();
    }

    private boolean mayBroadcast() {
        final UdpSocket<IpAddress> bound = sockets.first();
        if (bound != null) {
            return bound.settings().broadcast();
        }
        final SocketSettings wanted = new SocketSettings();
        early.forEach(change -> change.accept(wanted));
        return wanted.broadcast();
    }

    private int send(final Operation operation) {
        noteError();
        if (errors.fails()) {
            return -errors.take();
        }
        UdpSocket<IpAddress> current = sockets.peered();
        final boolean toPeer = operation.port == 0;
        if (toPeer && (current == null || current.remote() == null)) {
            return SocketError.EDESTADDRREQ.result();
        }
        if (writeShut) {
            return SocketError.EPIPE.result();
        }
        if (current == null) {
            final boolean v4 = operation.family == IpFamily.V4 && !dual;
            final int opened = open(new Endpoint<>(v4 ? Ipv4Address.UNSPECIFIED : Ipv6Address.UNSPECIFIED, 0));
            if (opened != 0) {
                return opened;
            }
        }
        final SendOptions options = (SendOptions) operation.argument;
        final int size =
                options == null || options.segmentSize == SendOptions.UNSET ? segmentSize : options.segmentSize;
        if (operation.length > UdpView.MAX_PAYLOAD) {
            return SocketError.EMSGSIZE.result();
        }
        if (!toPeer) {
            current = sockets.of(operation.family);
        }
        if (current == null) {
            return wrongFamily(operation.family);
        }
        final UdpSocket<IpAddress> bound = sockets.first();
        if (options != null && options.stages > SendStage.NONE && bound != null) {
            notices.listen(bound, sockets.second(), signal);
        }
        if (size > 0 && operation.length > size) {
            return sendSegments(current, toPeer, operation, size, options);
        }
        final int sent = toPeer
                ? current.send(operation.memory, operation.offset, operation.length, options)
                : current.send(
                        operation.hi,
                        operation.lo,
                        operation.port,
                        operation.memory,
                        operation.offset,
                        operation.length,
                        options);
        return ShardPackets.result(sent, operation.length);
    }

    private int sendSegments(
            final UdpSocket<IpAddress> current,
            final boolean toPeer,
            final Operation operation,
            final int size,
            final @Nullable SendOptions options) {
        final Endpoint<IpAddress> peer = toPeer ? current.remote() : null;
        final int sent = current.sendSegments(
                peer == null ? operation.hi : peer.address().hi(),
                peer == null ? operation.lo : peer.address().lo(),
                peer == null ? operation.port : peer.port(),
                operation.memory,
                operation.offset,
                operation.length,
                size,
                options);
        return sent >= 0 ? operation.length : ShardPackets.result(-sent, 0); // what there was no room for is lost
    }

    private int receive(final Operation operation) {
        noteError();
        if (errors.fails()) {
            return -errors.take();
        }
        final UdpSocket<IpAddress> current = sockets.earlier();
        final boolean peek = (operation.flags & TcpChannel.PEEK) != 0;
        final UdpSegments several = peek ? null : joined;
        final UdpDatagram datagram =
                current == null ? null : peek || several != null ? current.peek() : current.receive();
        if (current == null || datagram == null) {
            return readShut ? 0 : SocketError.EAGAIN.result();
        }
        if (several == null) {
            return operation.received(datagram, datagram.sourcePort());
        }
        operation.describe(datagram, datagram.sourcePort());
        final int all = current.receiveSegments(operation.memory, operation.offset, operation.length, several);
        operation.wholeLength = Math.max(all, operation.wholeLength);
        return all;
    }

    private int shutdown(final int how) {
        readShut |= (how & TcpChannel.SHUT_READ) != 0;
        writeShut |= (how & TcpChannel.SHUT_WRITE) != 0;
        return remote() == null ? SocketError.ENOTCONN.result() : 0;
    }

    private int takeError() {
        noteError();
        return errors.take();
    }

    private int close() {
        closed = true;
        claim.release();
        sockets.each(UdpSocket::close);
        service.remove(this);
        return 0;
    }

    @Override
    void end() {
        close();
    }

    private void onWaiting() {
        sockets.drainDeaf();
        readiness.arrived();
        noteError();
        update();
    }

    /** What was sent and is to be told of. */
    SendNotices notices() {
        return notices;
    }

    long noticesAsked() {
        final UdpSocket<IpAddress> bound = sockets.first();
        return bound == null ? 0 : bound.times().asked();
    }

    void noticeComplete() {
        notices.completeAtOnce();
        readiness.arrived();
        update();
    }

    private void noteError() {
        errors.note(sockets.first());
        errors.note(sockets.second());
    }

    /** The oldest error that waits; the next call of another kind fails with the next one, if there is one. */
    @Nullable
    IcmpErrorRepr nextError() {
        noteError();
        return errors.next();
    }

    @Override
    void update() {
        final int reads = Readiness.READABLE | Readiness.READ_NORMAL;
        int bits = Readiness.WRITABLE | Readiness.WRITE_NORMAL | Readiness.WRITE_BAND;
        bits |= errors.fails() ? Readiness.FAILING : 0;
        bits |= errors.isEmpty() && notices.isEmpty() ? 0 : Readiness.ERROR;
        bits |= closed || readShut || sockets.readable() ? reads : 0;
        bits |= readShut ? Readiness.PEER_CLOSED : 0;
        bits |= closed || (readShut && writeShut) ? Readiness.HANG_UP : 0;
        readiness.set(bits);
    }
}
