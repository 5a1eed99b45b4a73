package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.script.TcpOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A connection, or a pair of UDP ports, and what its numbers in a script are on the wire. Ours differ by an offset that
 * the first segment tells; the peer's are as the script says.
 */
final class Flow {
    private final Map<Long, Long> timestamps = new HashMap<>();
    private int localOffset;
    private boolean timestampKnown;
    private long timestampOffset;

    int localPort;
    final int remotePort;
    /** The sequence number behind the SYN of the peer, as the script has it. */
    int remoteStart = 1;
    /** The sequence number behind our SYN, as the script has it. */
    int localStart = 1;
    /** Whether our SYN, which tells our initial sequence number, is still to come. */
    boolean opening = true;

    /** A flow whose local port is told by our first segment if it is 0 here. */
    Flow(final int localPort, final int remotePort) {
        this.localPort = localPort;
        this.remotePort = remotePort;
    }

    /** Learns from our SYN which number of the stack's is which of the script's. */
    void opened(final int scriptSeq, final int liveSeq) {
        localOffset = liveSeq - scriptSeq;
        localStart = scriptSeq + 1;
        opening = false;
    }

    /** A sequence number of ours as it is on the wire. */
    int toLive(final int scriptSeq) {
        return scriptSeq + localOffset;
    }

    /** A sequence number of ours as the script counts. */
    int toScript(final int liveSeq) {
        return liveSeq - localOffset;
    }

    /** Whether a packet that we sent belongs to it. */
    boolean matches(final SentPacket packet) {
        return packet.destinationPort == remotePort && (localPort == 0 || packet.sourcePort == localPort);
    }

    /** Learns which timestamp of the stack's a script means. */
    void timestamp(final long script, final long live) {
        timestamps.put(script, live);
        if (!timestampKnown) {
            timestampKnown = true;
            timestampOffset = live - script;
        }
    }

    /** A timestamp of ours as the script counts. */
    long timestampToScript(final long live) {
        return timestampKnown ? live - timestampOffset & 0xFFFF_FFFFL : live;
    }

    /** Options of an inbound segment as they are on the wire. */
    List<TcpOption> toLive(final List<TcpOption> options, final boolean acknowledges) {
        final List<TcpOption> mapped = new ArrayList<>();
        for (final TcpOption option : options) {
            mapped.add(
                    switch (option.kind()) {
                        case TcpOption.SACK -> shifted(option, localOffset);
                        case TcpOption.TIMESTAMPS -> {
                            final long echo = option.values().get(1);
                            // One between those that were sent is taken to be as far from them as the script says.
                            final long live = timestamps.getOrDefault(
                                    echo, timestampKnown && echo != 0 ? echo + timestampOffset : echo);
                            yield acknowledges
                                    ? TcpOption.of(
                                            TcpOption.TIMESTAMPS,
                                            option.values().get(0),
                                            live)
                                    : option;
                        }
                        default -> option;
                    });
        }
        return mapped;
    }

    private static TcpOption shifted(final TcpOption option, final int by) {
        return TcpOption.of(
                option.kind(),
                option.values().stream().mapToLong(edge -> edge + by).toArray());
    }
}
