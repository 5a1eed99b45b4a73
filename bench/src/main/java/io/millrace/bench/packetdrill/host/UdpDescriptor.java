package io.millrace.bench.packetdrill.host;

import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import org.jspecify.annotations.Nullable;

/** A UDP socket of a program. */
final class UdpDescriptor extends Descriptor {
    private final Host host;
    private @Nullable UdpSocket<IpAddress> socket;

    UdpDescriptor(final Host host) {
        this.host = host;
    }

    Outcome bind(final Endpoint<IpAddress> to) {
        if (socket != null) {
            return Errno.EINVAL.outcome();
        }
        try {
            socket = host.stack().bind(to);
            return Outcome.ZERO;
        } catch (final AddressInUseException e) {
            return Errno.EADDRINUSE.outcome();
        } catch (final IllegalArgumentException e) {
            return Errno.EADDRNOTAVAIL.outcome();
        }
    }

    Outcome connect(final Endpoint<IpAddress> remote) {
        final UdpSocket<IpAddress> bound = socket;
        try {
            if (bound == null) {
                socket = host.stack().connectUdp(remote, UdpConfig.defaults(), null);
            } else {
                bound.connect(remote);
            }
            return Outcome.ZERO;
        } catch (final IllegalArgumentException e) {
            return Errno.ENETUNREACH.outcome();
        }
    }

    /** Sends; to nobody in particular means the connected peer. */
    Outcome send(final @Nullable Endpoint<IpAddress> to, final long length) {
        UdpSocket<IpAddress> from = socket;
        if (from == null) {
            if (to == null) {
                return Errno.EDESTADDRREQ.outcome();
            }
            from = host.stack().bind(new Endpoint<>(host.any(), 0));
            socket = from;
        }
        final int error = error(from);
        if (error != 0) {
            return Outcome.error(error);
        }
        if (to == null && from.remote() == null) {
            return Errno.EDESTADDRREQ.outcome();
        }
        if (length > 65_507) {
            return Errno.EMSGSIZE.outcome();
        }
        host.payload().scratch().asSlice(0, length).fill((byte) 0);
        if (to == null) {
            from.send(host.payload().scratch(), 0, (int) length);
        } else {
            from.send(to, host.payload().scratch(), 0, (int) length);
        }
        return Outcome.of(length);
    }

    @Nullable
    Outcome receive(final long room, final boolean peek) {
        final UdpSocket<IpAddress> from = socket;
        if (from == null) {
            return null;
        }
        final int error = error(from);
        if (error != 0) {
            return Outcome.error(error);
        }
        final UdpDatagram datagram = peek ? from.peek() : from.receive();
        return datagram == null ? null : Outcome.of(Math.min(room, datagram.length()));
    }

    private static int error(final UdpSocket<IpAddress> from) {
        final IcmpErrorRepr error = from.takeError();
        if (error == null) {
            return 0;
        }
        return switch (error.kind) {
            case IcmpErrorRepr.PORT_UNREACHABLE -> Errno.ECONNREFUSED.number();
            case IcmpErrorRepr.PACKET_TOO_BIG -> Errno.EMSGSIZE.number();
            default -> Errno.EHOSTUNREACH.number();
        };
    }

    @Override
    int readiness() {
        final UdpSocket<IpAddress> current = socket;
        final int writable = Constants.POLLOUT | Constants.POLLWRNORM;
        return current != null && current.readable() > 0
                ? writable | Constants.POLLIN | Constants.POLLRDNORM
                : writable;
    }

    @Override
    void close() {
        final UdpSocket<IpAddress> current = socket;
        if (current != null) {
            current.close();
        }
    }
}
