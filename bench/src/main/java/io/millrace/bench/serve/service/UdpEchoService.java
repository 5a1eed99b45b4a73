package io.millrace.bench.serve.service;

import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.IpAddress;

/**
 * Echo protocol over UDP (RFC 862): each datagram goes back in the buffer that it came in.
 *
 * <p>No answer goes to the port of another service that answers everything, so that nobody can set two of them to talk
 * to each other without end by forging one datagram, and none to a datagram for a group.
 */
public final class UdpEchoService implements UdpHandler {
    private static final int ECHO = 7;
    private static final int DAYTIME = 13;
    private static final int QUOTE_OF_THE_DAY = 17;
    private static final int CHARACTER_GENERATOR = 19;
    private static final int TIME = 37;

    /** Makes the service of one shard. */
    public UdpEchoService() {}

    @Override
    public void onDatagram(UdpSocket<?> socket, UdpDatagram datagram) {
        if (answers(datagram.sourcePort(), socket.local().port())
                && IpAddress.isUnicast(datagram.family(), datagram.destinationHi(), datagram.destinationLo())) {
            datagram.reply(datagram.length());
        }
    }

    private static boolean answers(int sourcePort, int ourPort) {
        return switch (sourcePort) {
            case 0, ECHO, DAYTIME, QUOTE_OF_THE_DAY, CHARACTER_GENERATOR, TIME -> false;
            default -> sourcePort != ourPort;
        };
    }
}
