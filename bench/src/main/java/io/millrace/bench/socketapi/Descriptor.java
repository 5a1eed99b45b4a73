package io.millrace.bench.socketapi;

import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.SocketError;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One open socket of a program. Any thread; calls that block hold nothing that others need. With a client of the polling
 * thread's own ({@link io.millrace.stack.client.ClientService#direct()}) calls never block, they fail with EAGAIN.
 */
public abstract sealed class Descriptor implements OpenFile permits TcpDescriptor, PacketDescriptor {
    final int domain;
    final Settings settings;
    final StackClient client;
    private final SocketOptions options;
    private volatile boolean nonBlocking;
    private volatile boolean closeOnExec;

    Descriptor(StackClient client, int domain, Settings settings) {
        this.client = client;
        this.domain = domain;
        this.settings = settings;
        this.options = new SocketOptions(this);
    }

    /**
     * Opens a socket.
     *
     * @param typeAndFlags as {@code socket(2)} takes it
     * @param defaults what TCP is configured to be, for options that nobody set
     * @param content what it sends, and who gets what it receives
     */
    public static Descriptor open(
            StackClient client, int domain, int typeAndFlags, int protocol, TcpConfig defaults, Content content)
            throws IOException, ErrnoException {
        final int type = typeAndFlags & Linux.SOCK_TYPE_MASK;
        if ((typeAndFlags & ~(Linux.SOCK_TYPE_MASK | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC)) != 0) {
            throw new ErrnoException(Linux.EINVAL);
        }
        if (domain < 0 || domain >= Linux.AF_MAX) {
            throw new ErrnoException(Linux.EAFNOSUPPORT);
        }
        if (type >= Linux.SOCK_MAX) {
            throw new ErrnoException(Linux.EINVAL);
        }
        if (domain != Linux.AF_INET && domain != Linux.AF_INET6) {
            throw new ErrnoException(Linux.EAFNOSUPPORT);
        }
        if (protocol < 0 || protocol >= Linux.IPPROTO_MAX) {
            throw new ErrnoException(Linux.EINVAL);
        }
        final Descriptor made = open(client, domain, type, protocol, new Settings(defaults, domain), content);
        made.nonBlocking((typeAndFlags & Linux.SOCK_NONBLOCK) != 0);
        made.closeOnExec((typeAndFlags & Linux.SOCK_CLOEXEC) != 0);
        // What has no ports shares its place with everybody.
        made.settings.reuseAddress = type == Linux.SOCK_RAW || made instanceof PingDescriptor;
        return made;
    }

    private static Descriptor open(
            StackClient client, int domain, int type, int protocol, Settings settings, Content content)
            throws IOException, ErrnoException {
        final int ping = domain == Linux.AF_INET ? Linux.IPPROTO_ICMP : Linux.IPPROTO_ICMPV6;
        switch (type) {
            case Linux.SOCK_STREAM -> {
                if (protocol == 0 || protocol == Linux.IPPROTO_TCP) {
                    return new TcpDescriptor(client, domain, settings, content);
                }
            }
            case Linux.SOCK_DGRAM -> {
                if (protocol == 0 || protocol == Linux.IPPROTO_UDP) {
                    return new UdpDescriptor(client, domain, settings, content);
                }
                if (protocol == ping) {
                    return new PingDescriptor(client, domain, settings);
                }
            }
            case Linux.SOCK_RAW -> {
                if (protocol != 0) {
                    return new RawDescriptor(client, domain, protocol, settings, content);
                }
            }
            default -> throw new ErrnoException(Linux.ESOCKTNOSUPPORT);
        }
        throw new ErrnoException(Linux.EPROTONOSUPPORT);
    }

    /** AF_INET or AF_INET6. */
    public final int domain() {
        return domain;
    }

    /** A place to bind to; where none is named, the unspecified address of its family, and port 0. */
    final Endpoint<IpAddress> orAny(@Nullable Endpoint<IpAddress> local) {
        final IpAddress any = domain == Linux.AF_INET ? Ipv4Address.UNSPECIFIED : Ipv6Address.UNSPECIFIED;
        return local == null ? new Endpoint<>(any, 0) : local;
    }

    /** Whether calls wait as long as it takes. */
    final boolean waits() {
        return !nonBlocking && !client.isDirect();
    }

    /** Whether a socket of AF_INET6 takes addresses of AF_INET as peers, as those of UDP do on Linux. */
    public boolean takesPlainIpv4() {
        return false;
    }

    /** An address of ours in the place of the unspecified one, which for Linux is the host itself. */
    final Endpoint<IpAddress> orSelf(Endpoint<IpAddress> peer, @Nullable IpAddress bound) throws IOException {
        if (!peer.address().isUnspecified()) {
            return peer;
        }
        final IpAddress self = bound != null && !bound.isUnspecified()
                ? bound
                : Interfaces.anyAddress(client, peer.address().family());
        return self == null ? peer : new Endpoint<>(self, peer.port());
    }

    /** IPV6_V6ONLY: whether it has no addresses of IPv4. */
    public final boolean isV6Only() {
        return domain == Linux.AF_INET6 && settings.ip.v6Only;
    }

    /** Checks a place to bind to: none of IPv4 with IPV6_V6ONLY. */
    final void requireOwnFamily(Endpoint<IpAddress> local) throws ErrnoException {
        if (isV6Only() && local.address() instanceof Ipv4Address) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    /**
     * Checks that a socket reaches a peer from where it is bound.
     *
     * @throws ErrnoException EAFNOSUPPORT if it is bound to IPv4 and the peer is of IPv6, ENETUNREACH if it is of IPv4 and
     *     the socket is bound to IPv6 or has IPV6_V6ONLY
     */
    final void requireSameFamily(IpAddress peer, @Nullable IpAddress bound) throws ErrnoException {
        if (domain == Linux.AF_INET) {
            return;
        }
        if (!(peer instanceof Ipv4Address)) {
            if (bound instanceof Ipv4Address) {
                throw new ErrnoException(Linux.EAFNOSUPPORT);
            }
        } else if (isV6Only() || (bound instanceof Ipv6Address && !bound.isUnspecified())) {
            throw new ErrnoException(Linux.ENETUNREACH);
        }
    }

    /** Binds; to null, wherever the stack likes. */
    public abstract void bind(@Nullable Endpoint<IpAddress> local) throws IOException, ErrnoException;

    /** Connects; to null, disconnects. */
    public abstract void connect(@Nullable Endpoint<IpAddress> remote) throws IOException, ErrnoException;

    /** Begins to listen, or changes the backlog. */
    public abstract void listen(int backlog) throws IOException, ErrnoException;

    /** Takes the connection that waits longest. */
    public abstract TcpDescriptor accept() throws IOException, ErrnoException;

    /** Receives up to so many bytes, for the {@link Content}. */
    public abstract Received receive(long length, int flags) throws IOException, ErrnoException;

    /** Sends so many bytes of the {@link Content}; to null, to whom it is connected. */
    public abstract long send(long length, int flags, @Nullable Endpoint<IpAddress> to)
            throws IOException, ErrnoException;

    /** As {@code shutdown(2)}: EINVAL for what is no direction. */
    public final void shutdown(int how) throws IOException, ErrnoException {
        if (how < Linux.SHUT_RD || how > Linux.SHUT_RDWR) {
            throw new ErrnoException(Linux.EINVAL);
        }
        shut(how);
    }

    abstract void shut(int how) throws IOException, ErrnoException;

    /** As {@code getsockname(2)}: where it is bound; the unspecified address and port 0 if nowhere. */
    public final Endpoint<IpAddress> name() throws IOException {
        return orAny(local());
    }

    /** Where it is bound; null for nowhere. */
    abstract @Nullable Endpoint<IpAddress> local() throws IOException;

    /** As {@code getpeername(2)}: whom it is connected to; ENOTCONN if to nobody. */
    public final Endpoint<IpAddress> peer() throws IOException, ErrnoException {
        final Endpoint<IpAddress> remote = isConnected() ? remote() : null;
        if (remote == null) {
            throw new ErrnoException(Linux.ENOTCONN);
        }
        return remote;
    }

    /** Whether whom it is connected to is told. */
    boolean isConnected() throws IOException {
        return true;
    }

    /** Whom it is connected to. */
    public abstract @Nullable Endpoint<IpAddress> remote() throws IOException;

    /** SIOCINQ: bytes that can be read. */
    public abstract int unread() throws IOException, ErrnoException;

    /** SIOCOUTQ: bytes that were not acknowledged. */
    public abstract int unsent(boolean neverSentOnly) throws IOException, ErrnoException;

    /**
     * SIOCATMARK: whether the byte that is read next is the last urgent one.
     *
     * @throws ErrnoException ENOTTY if it knows of no urgent data
     */
    public boolean isAtMark() throws IOException, ErrnoException {
        throw new ErrnoException(Linux.ENOTTY);
    }

    /** What can be done without waiting. */
    public abstract Readiness readiness();

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
     * @param packet what else there is to tell; null for nothing
     * @param error what it was if it came from the error queue; else null
     */
    public record Received(
            long count,
            @Nullable Endpoint<IpAddress> from,
            PacketChannel.@Nullable Received<IpAddress> packet,
            @Nullable QueuedError error) {
        Received(long count, @Nullable Endpoint<IpAddress> from) {
            this(count, from, null, null);
        }

        /** MSG_TRUNC if there was more than room for so many bytes; MSG_ERRQUEUE. */
        public int flags(long room) {
            if (error != null) {
                return Linux.MSG_ERRQUEUE | (error.cut() ? Linux.MSG_TRUNC : 0);
            }
            return packet != null && packet.length() > room ? Linux.MSG_TRUNC : 0;
        }
    }

    /** The control messages that options ask for with what was received. */
    public List<ControlMessage> controls(Received received) throws IOException, ErrnoException {
        final QueuedError error = received.error();
        if (error != null) {
            return ControlMessages.of(error, domain);
        }
        final PacketChannel.Received<IpAddress> packet = received.packet();
        if (packet == null) {
            return List.of();
        }
        synchronized (settings) {
            return ControlMessages.of(packet, settings, domain, isCoalesced());
        }
    }

    /** UDP_GRO. */
    boolean isCoalesced() {
        return false;
    }

    /** As {@link #send(long, int, Endpoint)}, with control messages. */
    public long send(long length, int flags, @Nullable Endpoint<IpAddress> to, List<ControlMessage> controls)
            throws IOException, ErrnoException {
        return send(length, flags, to); // there are none that would mean something
    }

    /** O_NONBLOCK. */
    public final boolean isNonBlocking() {
        return nonBlocking;
    }

    /** Sets O_NONBLOCK. */
    public void nonBlocking(boolean value) {
        nonBlocking = value;
    }

    /** FD_CLOEXEC, which is kept and told. */
    public final boolean closeOnExec() {
        return closeOnExec;
    }

    /** Sets FD_CLOEXEC, which is kept and told. */
    public final void closeOnExec(boolean value) {
        closeOnExec = value;
    }

    /** As {@code setsockopt(2)}. */
    public final void setOption(int level, int option, byte[] value) throws IOException, ErrnoException {
        options.set(level, option, value);
        applySettings();
    }

    /**
     * Number, as the stack counts, of the byte or datagram that is numbered 0 from now on.
     *
     * @param queued whether the next one that is queued, not the first that is not acknowledged
     */
    long firstKey(boolean queued) throws IOException, ErrnoException {
        return 0;
    }

    /** Takes the headers of the SYN that began its connection; EINVAL if there is less room. */
    byte[] savedSyn(int room) throws IOException, ErrnoException {
        return new byte[0];
    }

    /** How far it is. */
    Standing standing() throws IOException {
        return Standing.CLOSED;
    }

    /** Whether it has a port. */
    abstract boolean isBound() throws IOException;

    /** Does what an option means, if that is no setting: joins a group, for instance. */
    boolean setsItself(int level, int option, byte[] value) throws IOException, ErrnoException {
        return false;
    }

    /** Sets UDP_CORK. */
    void cork(boolean value) throws IOException, ErrnoException {
        throw new ErrnoException(Linux.ENOPROTOOPT);
    }

    /** UDP_CORK. */
    boolean isCorked() {
        return false;
    }

    /** Number that the stack has for the interface of a name; -1 if there is none. */
    final int deviceIndex(String name) throws IOException {
        return Interfaces.named(client, name);
    }

    /**
     * As {@code getsockopt(2)}: as much of the value as there is room for.
     *
     * @throws ErrnoException EINVAL if there must be more room
     */
    public final byte[] getOption(int level, int option, int room) throws IOException, ErrnoException {
        return options.get(level, option, room);
    }

    /**
     * As {@link #getOption(int, int, int)}, of an option that is asked by what stands in the place of its value.
     *
     * @param given that; empty for nothing
     */
    public byte[] getOption(int level, int option, int room, byte[] given) throws IOException, ErrnoException {
        return getOption(level, option, room);
    }

    /** The value of an option, in full. */
    public byte[] getOption(int level, int option) throws IOException, ErrnoException {
        return options.get(level, option);
    }
}
