package io.millrace.bench.agent;

import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.SocketError;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One open socket of the agent's. Any thread; calls that block hold nothing that others need. */
abstract sealed class Descriptor permits TcpDescriptor, UdpDescriptor {
    final int domain;
    final Settings settings;
    private volatile boolean nonBlocking;
    private volatile boolean closeOnExec;

    Descriptor(int domain, Settings settings) {
        this.domain = domain;
        this.settings = settings;
    }

    abstract void bind(@Nullable Endpoint<IpAddress> local) throws IOException, ErrnoException;

    /** Connects; to null, disconnects. */
    abstract void connect(@Nullable Endpoint<IpAddress> remote) throws IOException, ErrnoException;

    abstract void listen(int backlog) throws IOException, ErrnoException;

    abstract TcpDescriptor accept() throws IOException, ErrnoException;

    /** Receives up to so many bytes and drops them. */
    abstract Received receive(long length, int flags) throws IOException, ErrnoException;

    /** Sends zeros; to null, to whom it is connected. */
    abstract long send(long length, int flags, @Nullable Endpoint<IpAddress> to) throws IOException, ErrnoException;

    abstract void shutdown(int how) throws IOException, ErrnoException;

    abstract void close();

    /** Whom it is connected to. */
    abstract @Nullable Endpoint<IpAddress> remote() throws IOException;

    /** SIOCINQ: bytes that can be read. */
    abstract int unread() throws IOException, ErrnoException;

    /** SIOCOUTQ: bytes that were not acknowledged. */
    abstract int unsent(boolean neverSentOnly) throws IOException, ErrnoException;

    abstract Readiness readiness();

    abstract @Nullable SocketError takeError() throws IOException;

    /** Hands what was set to the socket. */
    abstract void applySettings() throws IOException;

    abstract int type();

    abstract int protocol();

    abstract boolean listens();

    /**
     * What came.
     *
     * @param count what the call returns
     * @param from whom it came from; null if that is not told
     */
    record Received(long count, @Nullable Endpoint<IpAddress> from) {}

    final boolean isNonBlocking() {
        return nonBlocking;
    }

    /** Sets O_NONBLOCK. */
    void nonBlocking(boolean value) {
        nonBlocking = value;
    }

    final boolean closeOnExec() {
        return closeOnExec;
    }

    /** Sets FD_CLOEXEC, which is kept and told. */
    final void closeOnExec(boolean value) {
        closeOnExec = value;
    }

    final void setOption(int level, int option, byte[] value) throws IOException, ErrnoException {
        synchronized (settings) {
            final boolean known = switch (level) {
                case Linux.SOL_SOCKET -> settings.setSocket(option, value);
                case Linux.IPPROTO_TCP -> type() == Linux.SOCK_STREAM && settings.setTcp(option, value);
                case Linux.IPPROTO_IP -> settings.setIp(option, value);
                case Linux.IPPROTO_IPV6 -> domain == Linux.AF_INET6 && settings.setIpv6(option, value);
                default -> false;
            };
            if (!known) {
                throw new ErrnoException(Linux.ENOPROTOOPT);
            }
        }
        applySettings();
    }

    /** The value of an option, in full. */
    byte[] getOption(int level, int option) throws IOException, ErrnoException {
        final byte[] value;
        synchronized (settings) {
            value = switch (level) {
                case Linux.SOL_SOCKET -> socketOption(option);
                case Linux.IPPROTO_TCP -> type() == Linux.SOCK_STREAM ? settings.getTcp(option) : null;
                case Linux.IPPROTO_IP -> settings.getIp(option);
                case Linux.IPPROTO_IPV6 -> domain == Linux.AF_INET6 ? settings.getIpv6(option) : null;
                default -> null;
            };
        }
        if (value == null) {
            final boolean known = level == Linux.SOL_SOCKET
                    || level == Linux.IPPROTO_IP
                    || (level == Linux.IPPROTO_IPV6 && domain == Linux.AF_INET6)
                    || (level == Linux.IPPROTO_TCP && type() == Linux.SOCK_STREAM);
            throw new ErrnoException(known ? Linux.ENOPROTOOPT : Linux.EOPNOTSUPP);
        }
        return value;
    }

    private byte @Nullable [] socketOption(int option) throws IOException {
        return switch (option) {
            case Linux.SO_ERROR -> {
                final SocketError error = takeError();
                yield OptionBytes.of(error == null ? 0 : error.number());
            }
            case Linux.SO_TYPE -> OptionBytes.of(type());
            case Linux.SO_PROTOCOL -> OptionBytes.of(protocol());
            case Linux.SO_DOMAIN -> OptionBytes.of(domain);
            case Linux.SO_ACCEPTCONN -> OptionBytes.of(listens());
            default -> settings.getSocket(option);
        };
    }
}
