package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.iface.address.OwnAddress;
import io.millrace.stack.iface.neighbor.NeighborCache;
import io.millrace.stack.socket.ReplyLimit;
import io.millrace.stack.wire.ArpView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Receives ARP (RFC 826): answers requests for own addresses, probes included (RFC 5227), and tells the neighbour cache.
 * A sender is believed only if it is a single station of the link's own networks; one that uses an own address is
 * a conflict and never learned. Who asks with an address of another network is answered, but not believed: Linux names
 * whatever address its packet is from.
 */
final class Arp {
    /** What an ARP reply is worth in terms of neighbour discovery. */
    private static final int ANSWER = NdpView.SOLICITED | NdpView.OVERRIDE;

    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final ReplyLimit replies;

    Arp(final MemorySegment memory, final Counters<StackCounter> counters, final ReplyLimit replies) {
        this.memory = memory;
        this.counters = counters;
        this.replies = replies;
    }

    /**
     * Takes a packet.
     *
     * @param toGroup whether its frame was sent to more than this station
     */
    void receive(final Link link, final long offset, final int length, final boolean toGroup, final long now) {
        if (length < ArpView.LENGTH || !ArpView.isEthernetIpv4(memory, offset)) {
            counters.increment(StackCounter.ARP_MALFORMED);
            return;
        }
        final int operation = ArpView.operation(memory, offset);
        if (operation != ArpView.REQUEST && operation != ArpView.REPLY) {
            counters.increment(StackCounter.ARP_MALFORMED);
            return;
        }
        final long mac = ArpView.senderMac(memory, offset);
        final long sender = ArpView.senderIp(memory, offset);
        final long target = ArpView.targetIp(memory, offset);
        final AddressSet own = link.addresses(IpFamily.V4);
        final boolean probe = sender == 0 && operation == ArpView.REQUEST;
        final OwnAddress conflicting = conflicting(own, probe, sender, target);
        if (conflicting != null) {
            if (mac == link.mac()) {
                // Our own broadcast, come back over a loop, or another shard's, is no conflict.
                counters.increment(StackCounter.ARP_NOT_FOR_US);
            } else {
                counters.increment(StackCounter.ARP_CONFLICT);
                link.life().conflict(conflicting, mac, now);
            }
            return;
        }
        final boolean forUs = own.kind(0, target) == AddressSet.OWN;
        final boolean possible =
                probe || (isHost(own, sender) && (isNear(own, sender) || (forUs && operation == ArpView.REQUEST)));
        if (!MacAddress.isUnicast(mac) || !possible) {
            counters.increment(StackCounter.ARP_BAD_SENDER);
            return;
        }
        if (operation == ArpView.REPLY) {
            reply(link, sender, mac, !toGroup && forUs, now);
        } else if (forUs) {
            request(link, sender, mac, target, now);
        } else {
            if (sender == target) {
                // An announcement: it says something about a neighbour only if we have it.
                link.neighbors().of(IpFamily.V4).hint(0, sender, mac, false, now);
            }
            counters.increment(StackCounter.ARP_NOT_FOR_US);
        }
    }

    private void request(final Link link, final long sender, final long mac, final long target, final long now) {
        if (sender != 0 && isNear(link.addresses(IpFamily.V4), sender)) {
            link.neighbors().of(IpFamily.V4).hint(0, sender, mac, true, now);
        }
        if (!replies.take(IpFamily.V4, 0, sender, now)) {
            counters.increment(StackCounter.ARP_RATE_LIMITED);
            return;
        }
        link.solicitation().arp(ArpView.REPLY, target, mac, mac, sender);
    }

    private void reply(final Link link, final long sender, final long mac, final boolean solicited, final long now) {
        final NeighborCache neighbors = link.neighbors().of(IpFamily.V4);
        if (!solicited) {
            neighbors.hint(0, sender, mac, false, now);
            counters.increment(StackCounter.ARP_UNSOLICITED);
        } else if (!neighbors.answer(0, sender, mac, ANSWER, now)) {
            counters.increment(StackCounter.ARP_UNSOLICITED);
        }
    }

    /**
     * The own address that a packet says another station has, or wants while we check it ourselves (RFC 5227 sections
     * 2.1.1 and 2.4); null if it says nothing of the kind.
     */
    private static @Nullable OwnAddress conflicting(
            final AddressSet own, final boolean probe, final long sender, final long target) {
        final OwnAddress address = own.find(0, probe ? target : sender);
        if (address == null || address.state() == AddressState.DUPLICATED || (probe && !address.checking())) {
            return null;
        }
        return address;
    }

    /** Whether an address can be that of another host. */
    private static boolean isHost(final AddressSet own, final long sender) {
        return IpAddress.isUnicast(IpFamily.V4, 0, sender)
                && !Ipv4Address.isLoopback(sender)
                && own.kind(0, sender) == AddressSet.NONE;
    }

    /** Whether a host is in one of the link's networks. */
    private static boolean isNear(final AddressSet own, final long host) {
        return own.network(0, host) >= 0;
    }
}
