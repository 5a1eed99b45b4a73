package io.millrace.bench.nc;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code millrace nc} is to do.
 *
 * @param listen whether to wait for a peer instead of going to one
 * @param udp datagrams instead of a stream
 * @param keep after a connection, wait for the next
 * @param scan connect, and send nothing
 * @param input whether standard input is sent
 * @param shutdown whether the end of standard input closes our side
 * @param verbose whether to tell what happens
 * @param fastOpen whether what is sent first goes with the SYN, or is taken from one
 * @param udpPort the peer's UDP port that the connection we open is within; 0 if it is not within UDP
 * @param keys what signs segments; null for nothing
 * @param patience how long connecting takes, and nothing happens, at most; null for ever
 * @param quitAfter how long after the end of standard input to end; null not to
 * @param local where to listen, or where to come from: several only to listen, none for any place
 * @param remote whom to connect to; null to listen
 */
record NcSettings(
        boolean listen,
        boolean udp,
        boolean keep,
        boolean scan,
        boolean input,
        boolean shutdown,
        boolean verbose,
        boolean fastOpen,
        int udpPort,
        @Nullable NcKeys keys,
        @Nullable Duration patience,
        @Nullable Duration quitAfter,
        List<Endpoint<IpAddress>> local,
        @Nullable Endpoint<IpAddress> remote) {}
