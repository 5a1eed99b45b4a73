package io.millrace.stack.socket.tcp.config;

/**
 * TCP within UDP, as FreeBSD has it, for paths that let nothing else through: an IP packet carries a UDP datagram, and
 * that a TCP segment with its header. What comes to the UDP port named here is TCP; a connection that a peer begins so
 * is answered to the UDP port that its SYN came from, one of ours begins so by {@link
 * io.millrace.stack.socket.tcp.TcpOpeningOptions#remoteUdpPort(int)}. A part of {@link TcpConfig}; immutable.
 *
 * <p>A connection is either within UDP or not, and has one UDP port of its peer's: segments that come otherwise are
 * none of its own. They are counted as {@code tcpOtherEncapsulation} and answered as if there was no connection.
 *
 * <p>Both headers have checksums. That of TCP counts only where the datagram has none, since a translator of addresses
 * mends the outer one alone; FreeBSD sends 0 for it.
 *
 * @param port our UDP port, which no UDP socket can have then; {@link
 *     io.millrace.stack.socket.tcp.Encapsulations#port(int)} changes it, from and to 0, too. 0 for none, so that
 *     nothing is taken or sent within UDP
 * @param overhead bytes by which segments are smaller than they would be without, 8 to 1024: the UDP header, and what
 *     else may be put around it on the way
 */
public record UdpEncapsulation(int port, int overhead) {
    /** No TCP within UDP. */
    public static final UdpEncapsulation NONE = new UdpEncapsulation(0, 8);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the first that is out of range
     */
    public UdpEncapsulation {
        TcpConfig.require(port >= 0 && port <= 0xFFFF, "udpEncapsulation.port", port, "0 to 65535");
        TcpConfig.require(overhead >= 8 && overhead <= 1024, "udpEncapsulation.overhead", overhead, "8 to 1024");
    }

    /** Whether there is TCP within UDP. */
    public boolean isEnabled() {
        return port != 0;
    }
}
