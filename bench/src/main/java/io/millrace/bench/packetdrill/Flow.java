package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.script.Event.Tcp;
import io.millrace.bench.packetdrill.script.TcpOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection, or a pair of UDP ports, and what its numbers in a script are on the wire. SYNs have the numbers that the
 * script gives them, ours differ by an offset; all other segments count from the initial sequence numbers of both ends.
 */
final class Flow {
    private static final int FIN = 1;

    private final Map<Long, Long> timestamps = new HashMap<>();
    /** What ours is on the wire, less what the script says: of a SYN, and of all else. */
    private int synOffset;

    private int localOffset;
    /** The same of the peer's, of what is no SYN. */
    private int remoteOffset;

    private boolean remoteKnown;
    private boolean timestampKnown;
    private long timestampOffset;

    /** What our SYN and the peer's say of windows and segments. */
    private int announcedMss;

    private int scale;
    private boolean peerScales;

    /** Whether our FIN was sent, and the number behind it, on the wire. */
    private boolean finished;

    private int behindFin;

    /** The label of our packets in the script, and on the wire; 0 before the first that the script says. */
    private int scriptLabel;

    private int label;

    int localPort;
    final int remotePort;
    /** Whether our SYN, which tells our initial sequence number, is still to come. */
    boolean opening = true;

    /** A flow whose local port is told by our first segment if it is 0 here. */
    Flow(final int localPort, final int remotePort) {
        this.localPort = localPort;
        this.remotePort = remotePort;
    }

    /** Learns from our SYN which number of the stack's is which of the script's. */
    void opened(final int scriptSeq, final int liveSeq) {
        synOffset = liveSeq - scriptSeq;
        localOffset = liveSeq;
        opening = false;
    }

    /** Learns from the first SYN of the peer where it begins to count. */
    void openedByPeer(final int seq) {
        if (!remoteKnown) {
            remoteKnown = true;
            remoteOffset = seq;
        }
    }

    /** Learns from our FIN where our stream ends. */
    void finished(final SentPacket fin) {
        finished = true;
        behindFin = fin.seq + fin.payload + 1;
    }

    /** Whether a script wants our FIN again with an acknowledgment, and the acknowledgment came behind it instead. */
    boolean repeatsFin(final Tcp expected, final SentPacket sent) {
        return finished
                && (expected.flags() & FIN) != 0
                && (sent.flags & FIN) == 0
                && expected.length() == 0
                && sent.seq == behindFin
                && toLive(expected.seq(), false) == behindFin - 1;
    }

    /** Learns from a SYN of ours what it announces. */
    void announced(final List<TcpOption> options) {
        announcedMss = value(options, TcpOption.MSS, 536);
        scale = value(options, TcpOption.SCALE, 0);
    }

    /** Learns from a SYN of the peer whether windows may be scaled. */
    void announcedByPeer(final @Nullable List<TcpOption> options) {
        peerScales = options != null && value(options, TcpOption.SCALE, -1) >= 0;
    }

    /** How many units of a window's field come to less than a segment. */
    int lessThanSegment() {
        return (announcedMss - 1) >> (peerScales ? scale : 0);
    }

    private static int value(final List<TcpOption> options, final int kind, final int otherwise) {
        for (final TcpOption option : options) {
            if (option.kind() == kind) {
                return option.values().getFirst().intValue();
            }
        }
        return otherwise;
    }

    /**
     * Compares the flow label of a packet of ours: where the script has the same as before, so has the wire, and where it
     * has another, another.
     *
     * @throws MismatchException if that is not so, or there is none
     */
    void label(final int script, final int live) {
        if (live == 0) {
            throw new MismatchException("flowlabel unmarked in the live packet");
        }
        if (script == scriptLabel && live != label) {
            throw new MismatchException(String.format(
                    Locale.ROOT,
                    "inconsistent flowlabels for this packet: expected: 0x%x vs actual: 0x%x",
                    label,
                    live));
        }
        if (scriptLabel != 0 && script != scriptLabel && live == label) {
            throw new MismatchException("expected a different flowlabel but got the same");
        }
        scriptLabel = script;
        label = live;
    }

    /** A sequence number of ours as it is on the wire. */
    int toLive(final int scriptSeq, final boolean syn) {
        return scriptSeq + (syn ? synOffset : localOffset);
    }

    /** A sequence number of ours as the script counts. */
    int toScript(final int liveSeq, final boolean syn) {
        return liveSeq - (syn ? synOffset : localOffset);
    }

    /** Place in our stream of the byte with a sequence number on the wire, from 0. */
    int place(final int liveSeq) {
        return liveSeq - localOffset - 1;
    }

    /** A sequence number of the peer's as it is on the wire. */
    int remoteToLive(final int scriptSeq, final boolean syn) {
        return syn ? scriptSeq : scriptSeq + remoteOffset;
    }

    /** A sequence number of the peer's as the script counts. */
    int remoteToScript(final int liveSeq, final boolean syn) {
        return syn ? liveSeq : liveSeq - remoteOffset;
    }

    /** Place in the peer's stream of the byte with a sequence number on the wire, from 0. */
    int remotePlace(final int liveSeq) {
        return liveSeq - remoteOffset - 1;
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

    /** Options of a segment of ours as the script counts. */
    List<TcpOption> toScript(final List<TcpOption> options) {
        return options.stream()
                .map(option -> switch (option.kind()) {
                    case TcpOption.SACK -> shifted(option, -remoteOffset);
                    case TcpOption.TIMESTAMPS ->
                        TcpOption.of(
                                option.kind(),
                                timestampToScript(option.values().get(0)),
                                option.values().get(1));
                    default -> option;
                })
                .toList();
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
