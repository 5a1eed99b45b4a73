package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import io.millrace.bench.packetdrill.script.Event;
import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Event.Icmp;
import io.millrace.bench.packetdrill.script.Event.Packet;
import io.millrace.bench.packetdrill.script.Event.Tcp;
import io.millrace.bench.packetdrill.script.Event.Udp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Packets of a script: those to us are injected, those from us expected. Knows which flow each belongs to. */
final class PacketEvents {
    /** How much longer than until it is due a packet is waited for. */
    private static final long PATIENCE = 2_000_000;

    private static final int FIRST_REMOTE_PORT = 40_000;
    private static final int SYN = 2;
    private static final int ACK = 0x10;

    private final Machine machine;
    private final Settings settings;
    private final Clock clock;
    private final InboundPackets inbound;
    private final List<Flow> flows = new ArrayList<>();
    private @Nullable Flow current;
    private boolean listening;
    private boolean connecting;
    private int nextRemotePort = FIRST_REMOTE_PORT;

    PacketEvents(final Machine machine, final Settings settings, final Clock clock) {
        this.machine = machine;
        this.settings = settings;
        this.clock = clock;
        this.inbound = new InboundPackets(settings);
    }

    /** Notes what a call makes of the next packets. */
    void noteCall(final Call call) {
        switch (call.name()) {
            case "socket" -> {
                listening = false;
                connecting = false;
                current = null;
            }
            case "listen" -> listening = true;
            case "connect" -> {
                if (current == null || !current.opening) {
                    connecting = true;
                }
            }
            case "sendto", "sendmsg" -> {
                if (current == null) {
                    connecting = true; // if it opens one, by Fast Open
                }
            }
            default -> {
                // Opens no connection.
            }
        }
    }

    // ---- inbound ---------------------------------------------------------------------------------------------------

    void inject(final Packet packet) {
        switch (packet) {
            case Tcp tcp -> {
                final Flow flow = inboundFlow(tcp.sourcePort(), tcp.destinationPort());
                if ((tcp.flags() & SYN) != 0) {
                    flow.openedByPeer(tcp.seq());
                    flow.announcedByPeer(tcp.options());
                }
                machine.inject(inbound.segments(tcp, flow));
            }
            case Udp udp ->
                machine.inject(List.of(inbound.udp(udp, inboundFlow(udp.sourcePort(), udp.destinationPort()))));
            case Icmp icmp -> machine.inject(List.of(inbound.icmp(icmp, inboundFlow(0, 0))));
        }
    }

    private Flow inboundFlow(final int sourcePort, final int destinationPort) {
        final Flow known = current;
        if (sourcePort != 0 || destinationPort != 0) {
            final int remote = sourcePort != 0 ? sourcePort : known != null ? known.remotePort : nextRemotePort;
            final int local = destinationPort != 0
                    ? destinationPort
                    : known != null && known.localPort != 0 ? known.localPort : settings.bindPort;
            final Flow flow = find(local, remote);
            current = flow != null ? flow : add(new Flow(local, remote));
            return current;
        }
        if (known == null || listening) {
            listening = false;
            current = add(new Flow(settings.bindPort, nextRemotePort++));
            return current;
        }
        return known;
    }

    private @Nullable Flow find(final int localPort, final int remotePort) {
        for (final Flow flow : flows) {
            if (flow.localPort == localPort && flow.remotePort == remotePort) {
                return flow;
            }
        }
        return null;
    }

    private Flow add(final Flow flow) {
        flows.add(flow);
        return flow;
    }

    // ---- outbound --------------------------------------------------------------------------------------------------

    void expect(final Event event, final Packet packet) {
        final Flow flow = outboundFlow(packet);
        final SentPacket first = await(packet, flow);
        if (packet instanceof Tcp tcp && (tcp.flags() & SYN) != 0 && flow.opening && (first.flags & SYN) != 0) {
            flow.opened(tcp.seq(), first.seq);
        }
        if (first.isTcp() && first.isSyn()) {
            flow.announced(first.options);
        }
        if (flow.localPort == 0) {
            flow.localPort = first.sourcePort;
        }
        final List<SentPacket> parts = new ArrayList<>(List.of(first));
        try {
            if (packet instanceof Tcp tcp) {
                gather(tcp, flow, parts);
            }
            PacketComparison.check(packet, parts, flow, settings);
            clock.check(parts.getLast().time, "outbound packet");
        } catch (final MismatchException e) {
            throw mismatch(e.text(), packet, parts, flow);
        }
    }

    private Flow outboundFlow(final Packet packet) {
        final Flow known = current;
        final int localPort =
                packet instanceof Tcp tcp ? tcp.sourcePort() : packet instanceof Udp udp ? udp.sourcePort() : 0;
        final int remotePort = packet instanceof Tcp tcp
                ? tcp.destinationPort()
                : packet instanceof Udp udp ? udp.destinationPort() : 0;
        final boolean syn = packet instanceof Tcp tcp && (tcp.flags() & (SYN | ACK)) == SYN;
        if (localPort != 0 || remotePort != 0) {
            final Flow flow = find(localPort, remotePort);
            current = flow != null ? flow : add(new Flow(localPort, remotePort));
        } else if ((connecting && syn) || known == null) {
            connecting = false;
            current = add(new Flow(0, settings.connectPort));
        }
        final Flow flow = current;
        if (flow == null) {
            throw new UnsupportedCallException("a packet that belongs to no socket");
        }
        return flow;
    }

    private SentPacket await(final Packet packet, final Flow flow) {
        final long patience = clock.anyTime() ? 3_600_000_000L : PATIENCE;
        final long last = Math.max(clock.to(), machine.time()) + patience;
        while (true) {
            final SentPacket found = take(packet, flow);
            if (found != null) {
                return found;
            }
            if (machine.time() >= last) {
                throw new MismatchException("error handling packet: Timed out waiting for packet\nscript packet: "
                        + seconds(clock.from()) + " " + PacketText.of(packet));
            }
            machine.step(last);
        }
    }

    private @Nullable SentPacket take(final Packet packet, final Flow flow) {
        final Iterator<SentPacket> sent = machine.sent().iterator();
        while (sent.hasNext()) {
            final SentPacket candidate = sent.next();
            final boolean ours = packet instanceof Icmp
                    ? candidate.isIcmp()
                    : candidate.isTcp() == packet instanceof Tcp && !candidate.isIcmp() && flow.matches(candidate);
            if (ours && !(flow.localPort == 0 && isKnown(candidate))) {
                sent.remove();
                return candidate;
            }
        }
        return null;
    }

    /** Whether a packet belongs to a flow that began, so that it is not the first one of another. */
    private boolean isKnown(final SentPacket candidate) {
        return candidate.isTcp() && find(candidate.sourcePort, candidate.destinationPort) != null;
    }

    /** Linux may give its device in one piece what leaves as several segments here. */
    private void gather(final Tcp tcp, final Flow flow, final List<SentPacket> parts) {
        int length = parts.getFirst().payload;
        while (length > 0 && length < tcp.length()) {
            final SentPacket last = parts.getLast();
            final SentPacket next = take(tcp, flow);
            if (next == null) {
                if (machine.time() > clock.to() + settings.toleranceMicros) {
                    return;
                }
                machine.step(clock.to() + settings.toleranceMicros + 1);
                continue;
            }
            parts.add(next);
            if (next.seq != last.seq + last.payload || next.payload == 0) {
                return;
            }
            length += next.payload;
        }
    }

    private MismatchException mismatch(
            final String what, final Packet packet, final List<SentPacket> parts, final Flow flow) {
        final StringBuilder text = new StringBuilder("error handling packet: ").append(what);
        text.append("\nscript packet: ")
                .append(seconds(clock.from()))
                .append(' ')
                .append(PacketText.of(packet));
        final boolean ecnCounts = packet instanceof Tcp tcp && tcp.ecnCounts();
        for (int i = 0; i < parts.size(); i++) {
            text.append(parts.size() == 1 ? "\nactual packet: " : "\nactual #" + i + " packet: ");
            text.append(seconds(parts.get(i).time)).append(' ').append(PacketText.of(parts.get(i), flow, ecnCounts));
        }
        return new MismatchException(text.toString());
    }

    private static String seconds(final long micros) {
        return String.format(Locale.ROOT, "%9.6f", micros / 1e6);
    }
}
