package io.millrace.stack.socket.tcp;

import org.jspecify.annotations.Nullable;

/**
 * How one connection begins, where that differs from what others do; {@link TcpOptions#opening()} gives it. Set it
 * before the SYN is sent: between {@link io.millrace.stack.Stack#connect} and the next poll. Belongs to the thread of
 * its stack.
 *
 * <pre>{@code
 * socket.options().opening().remoteUdpPort(9899); // within UDP, to that port of the peer's
 * }</pre>
 */
public final class TcpOpeningOptions {
    /** Null for what a listener hands on. */
    private final @Nullable TcpConnection c;

    private boolean withoutOptions;

    TcpOpeningOptions(final @Nullable TcpConnection c) {
        this.c = c;
    }

    /**
     * Whether it is too late for {@link #remoteUdpPort(int)}: a SYN decided that, or it is a listener's to leave open.
     */
    public boolean hasBegun() {
        return c == null || c.max != c.iss || (c.state != TcpState.SYN_SENT && c.state != TcpState.CLOSED);
    }

    /**
     * TCP_REMOTE_UDP_ENCAPS_PORT: the peer's UDP port, that segments go to and come from; 0 if they are not within UDP.
     */
    public int remoteUdpPort() {
        return c == null ? 0 : c.remoteUdpPort;
    }

    /**
     * Sets {@link #remoteUdpPort()}: 0 to 65,535. Connections that a peer begins are as their SYN was.
     *
     * @throws IllegalStateException if it is too late or a listener's; if we have {@linkplain Encapsulations#port() no
     *     UDP port}; or if what comes back would come to another shard, which is for the two UDP ports and addresses to
     *     say
     */
    public TcpOpeningOptions remoteUdpPort(final int port) {
        final char value = (char) TcpOptions.inRange("remoteUdpPort", port, 0, 0xFFFF);
        if (c == null || hasBegun()) {
            throw new IllegalStateException(
                    "remoteUdpPort: the SYN decides that; set it before, on a connection of ours");
        }
        final TcpEngine engine = c.engine;
        if (value != 0 && engine.encapsulations.port() == 0) {
            throw new IllegalStateException(
                    "remoteUdpPort: we have no UDP port to send from; set one by TcpConfigBuilder.udpEncapsulation or"
                            + " Encapsulations.port");
        }
        if (c.inTable) {
            engine.encapsulations.change(c, value);
            TcpHandshake.beforeSyn(c);
        }
        return this;
    }

    /**
     * TCP_NOOPT: whether the handshake agrees on no options, for peers and paths that stumble over them: neither MSS,
     * which the peer then takes for the least (RFC 9293 section 3.7.1), nor window scale, SACK, timestamps, Fast Open.
     * Signatures stay. For a listener, what answers SYNs.
     */
    public boolean withoutOptions() {
        return withoutOptions;
    }

    /** Sets {@link #withoutOptions()}. */
    public TcpOpeningOptions withoutOptions(final boolean value) {
        withoutOptions = value;
        if (c != null) {
            TcpHandshake.beforeSyn(c);
        }
        return this;
    }

    /** What accepted connections begin with. */
    TcpOpeningOptions handOn(final TcpConnection child) {
        final TcpOpeningOptions options = new TcpOpeningOptions(child);
        options.withoutOptions = withoutOptions;
        return options;
    }
}
