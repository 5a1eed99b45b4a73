package io.millrace.stack.socket.udp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.FlowTable;
import io.millrace.stack.demux.FlowVisitor;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpRepr;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.agrona.collections.Int2IntCounterMap;
import org.jspecify.annotations.Nullable;

/**
 * Who receives a datagram. The most specific match goes first: a socket that is connected to its source, then those bound
 * to its destination address, then those bound to any address. Sockets that share a place are chosen by a keyed hash of
 * both ends, so that one peer's datagrams stay with one socket; of those that reuse one, the latest receives.
 *
 * <p>Sockets that are bound or connected with a zone are found first by what comes in at that interface, and by nothing
 * else. A zone is a key that is mixed into the upper half of our address, so that it costs no memory, and nothing at all
 * while no socket has one.
 *
 * <p>Open addressing with linear probing under keyed hashes, so that a datagram costs one or two probes however many
 * sockets there are, and whoever sends it cannot choose ports that collide. Not thread-safe.
 */
@SuppressWarnings("ReferenceEquality") // a binding is itself, not its value
final class UdpTable {
    private static final int FLOWS = 16;

    /** The zone of a socket that has none. */
    static final int NO_ZONE = -1;

    private final long seed;
    private final long zoneSeed;
    private final SipHash hash;
    private final FlowTable flows;
    private final Int2IntCounterMap ports = new Int2IntCounterMap(0);
    private @Nullable UdpBinding[] slots = new UdpBinding[64];
    private int bindings;
    private int size;
    private int zoned;
    private IntPredicate reserved = port -> false;

    UdpTable(final Entropy entropy) {
        seed = entropy.nextLong();
        zoneSeed = entropy.nextLong();
        hash = entropy.newTableHash();
        flows = new FlowTable(entropy.newTableHash(), FLOWS);
    }

    /** Shows the flows of connected sockets. */
    void forEachFlow(final FlowVisitor visitor) {
        for (final FlowEntry entry : flows.toArray()) {
            if (entry instanceof UdpFlow flow) {
                visitor.visit(flow.family, flow.sourceHi, flow.localLo, flow.remoteHi, flow.remoteLo, flow.ports);
            }
        }
    }

    /** Whether a socket is connected so, in whatever zone. */
    boolean hasFlow(
            final int family,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int flowPorts) {
        if (flows.find(family, localHi, localLo, remoteHi, remoteLo, flowPorts) != null) {
            return true;
        }
        if (zoned > 0) {
            for (final FlowEntry entry : flows.toArray()) {
                if (entry instanceof UdpFlow flow
                        && flow.ports == flowPorts
                        && flow.sourceHi == localHi
                        && flow.localLo == localLo
                        && flow.remoteHi == remoteHi
                        && flow.remoteLo == remoteLo) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Keeps ports for what is within UDP. */
    void reserve(final IntPredicate ports) {
        reserved = ports;
    }

    /** Whether a port, which is not 0, is no socket's. */
    boolean isReserved(final int port) {
        return reserved.test(port);
    }

    /** Whether any socket is bound to a port, at whatever address, connected or not. */
    boolean usesPort(final int family, final int port) {
        return ports.get(family << 16 | port) > 0;
    }

    /** What is mixed into the upper half of an address of a zone; 0 without one. Nobody outside can guess it. */
    long zoneKey(final int zone) {
        long mixed = zone == NO_ZONE ? 0 : zoneSeed + zone;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
        return mixed ^ (mixed >>> 32);
    }

    /** The key of the zone that a packet comes in at; 0 if no socket has any. */
    long zoneKeyOf(final IpRepr ip) {
        return zoned == 0 ? 0 : zoneKey(ip.interfaceIndex);
    }

    /** Notes that a socket got a zone, or lost it. */
    private void countZone(final int zone, final int change) {
        zoned += zone == NO_ZONE ? 0 : change;
    }

    /**
     * The sockets that are bound to exactly this; the unspecified address is one of its own.
     *
     * @param hi upper half of the address, mixed with a zone's key
     */
    @Nullable
    UdpBinding binding(final int family, final long hi, final long lo, final int port) {
        final @Nullable UdpBinding[] table = slots;
        final int mask = table.length - 1;
        int slot = hash(family, hi, lo, port) & mask;
        UdpBinding binding = table[slot];
        while (binding != null && !binding.is(family, hi, lo, port)) {
            slot = (slot + 1) & mask;
            binding = table[slot];
        }
        return binding;
    }

    /** The socket that a datagram to one of our addresses is for, or null. */
    @Nullable
    UdpSocket<?> find(final IpRepr ip, final int sourcePort, final int port) {
        if (flows.size() > 0) {
            final UdpSocket<?> connected = connected(ip, sourcePort, port);
            if (connected != null) {
                return connected;
            }
        }
        UdpBinding binding = null;
        if (zoned > 0) {
            binding = binding(ip.family, ip.dstHi ^ zoneKeyOf(ip), ip.dstLo, port);
        }
        if (binding == null || binding.count() == 0) {
            binding = binding(ip.family, ip.dstHi, ip.dstLo, port);
        }
        if (binding == null || binding.count() == 0) {
            binding = binding(ip.family, 0, 0, port);
            if (binding == null || binding.count() == 0) {
                return null;
            }
        }
        return binding.choose(binding.isShared() ? mixed(ip, sourcePort, port) : 0);
    }

    /** The socket that is connected as a datagram from its peer tells, or null. */
    @Nullable
    UdpSocket<?> connected(final IpRepr ip, final int sourcePort, final int port) {
        if (zoned > 0) {
            final UdpSocket<?> here =
                    connected(ip.family, ip.dstHi ^ zoneKeyOf(ip), ip.dstLo, port, ip.srcHi, ip.srcLo, sourcePort);
            if (here != null) {
                return here;
            }
        }
        return connected(ip.family, ip.dstHi, ip.dstLo, port, ip.srcHi, ip.srcLo, sourcePort);
    }

    /** The socket that is connected like this, or null; {@code localHi} is mixed with a zone's key. */
    @Nullable
    UdpSocket<?> connected(
            final int family,
            final long localHi,
            final long localLo,
            final int localPort,
            final long remoteHi,
            final long remoteLo,
            final int remotePort) {
        final FlowEntry flow =
                flows.find(family, localHi, localLo, remoteHi, remoteLo, FlowEntry.ports(localPort, remotePort));
        return flow instanceof UdpFlow mine ? mine.socket : null;
    }

    /**
     * Binds a socket that is not connected.
     *
     * @return false if its place is taken by a socket that neither shares nor reuses it as this one does
     */
    boolean bind(final UdpSocket<?> socket) {
        final long hi = socket.place.hi() ^ zoneKey(socket.place.zone());
        UdpBinding binding = binding(socket.place.family(), hi, socket.place.lo(), socket.place.port());
        if (binding == null) {
            binding = new UdpBinding(socket.place.family(), hi, socket.place.lo(), socket.place.port());
            put(binding);
        } else if (!binding.admits(socket.config())) {
            return false;
        }
        binding.hold(socket.config());
        binding.add(socket);
        socket.binding = binding;
        enter(socket);
        return true;
    }

    /** Adds a socket that is connected, and was not bound before. */
    void addConnected(final UdpSocket<?> socket, final UdpFlow flow) {
        connect(socket, flow);
        enter(socket);
    }

    /** Lets a socket receive from its peer only. The caller made sure that nobody else is connected like this. */
    void connect(final UdpSocket<?> socket, final UdpFlow flow) {
        if (socket.binding != null) {
            socket.binding.remove(socket);
        }
        flows.add(flow);
        countZone(flow.zone, 1);
        socket.flow = flow;
    }

    /** Lets a bound socket receive from everyone again. */
    void disconnect(final UdpSocket<?> socket) {
        final UdpFlow flow = socket.flow;
        if (flow != null) {
            removeFlow(socket, flow);
            if (socket.binding != null) {
                socket.binding.add(socket);
            }
        }
    }

    /** Removes a socket that is in the table. */
    void remove(final UdpSocket<?> socket) {
        if (socket.flow != null) {
            removeFlow(socket, socket.flow);
        }
        final UdpBinding binding = socket.binding;
        if (binding != null) {
            binding.remove(socket);
            binding.release(socket.config());
            socket.binding = null;
            if (binding.isUnused()) {
                remove(binding);
            }
        }
        ports.decrementAndGet(socket.place.family() << 16 | socket.place.port());
        countZone(socket.place.zone(), -1);
        size--;
    }

    private void removeFlow(final UdpSocket<?> socket, final UdpFlow flow) {
        flows.remove(flow);
        countZone(flow.zone, -1);
        socket.flow = null;
    }

    /** All sockets, in a new list. */
    List<UdpSocket<?>> all() {
        final List<UdpSocket<?>> all = new ArrayList<>(size);
        for (final UdpBinding binding : slots) {
            for (int i = 0; binding != null && i < binding.count(); i++) {
                all.add(binding.receiver(i));
            }
        }
        for (final FlowEntry entry : flows.toArray()) {
            if (entry instanceof UdpFlow flow) {
                all.add(flow.socket);
            }
        }
        return all;
    }

    private void enter(final UdpSocket<?> socket) {
        ports.incrementAndGet(socket.place.family() << 16 | socket.place.port());
        countZone(socket.place.zone(), 1);
        size++;
    }

    private long mixed(final IpRepr ip, final int sourcePort, final int port) {
        return hash.hash(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, (long) port << 16 | sourcePort);
    }

    private void put(final UdpBinding binding) {
        if (2 * (bindings + 1) > slots.length) {
            final @Nullable UdpBinding[] old = slots;
            slots = new UdpBinding[2 * old.length];
            for (final UdpBinding moved : old) {
                if (moved != null) {
                    insert(moved);
                }
            }
        }
        insert(binding);
        bindings++;
    }

    private void insert(final UdpBinding binding) {
        final int mask = slots.length - 1;
        int slot = hash(binding) & mask;
        while (slots[slot] != null) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = binding;
    }

    private void remove(final UdpBinding binding) {
        final int mask = slots.length - 1;
        int hole = hash(binding) & mask;
        while (slots[hole] != binding) {
            hole = (hole + 1) & mask;
        }
        // Close the gap: whatever lies behind it and does not belong further on moves into it.
        int next = hole;
        while (true) {
            next = (next + 1) & mask;
            final UdpBinding moved = slots[next];
            if (moved == null) {
                break;
            }
            final int home = hash(moved) & mask;
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                slots[hole] = moved;
                hole = next;
            }
        }
        slots[hole] = null;
        bindings--;
    }

    private int hash(final UdpBinding binding) {
        return hash(binding.family, binding.hi, binding.lo, binding.port);
    }

    private int hash(final int family, final long hi, final long lo, final int port) {
        long mixed = (hi ^ seed) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 32) ^ lo) * 0xD6E8FEB86659FD93L;
        mixed = (mixed ^ (mixed >>> 32) ^ ((long) family << 16 | port)) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32);
    }
}
