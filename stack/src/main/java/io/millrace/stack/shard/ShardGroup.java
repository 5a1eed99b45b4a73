package io.millrace.stack.shard;

import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.stack.Stack;
import io.millrace.stack.route.Route;
import io.millrace.stack.socket.tcp.Encapsulations;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Several stacks that share addresses and ports, as one. Each stack belongs to its shard's thread; the group carries to
 * them what is to be done in all of them, and between them what one finds out.
 *
 * <pre>{@code
 * ShardGroup group = new ShardGroup(table, hash); // those of the ports
 * ShardMember member = group.join(0, stack, runner::execute); // and so on for each shard
 * SharedPlace<TcpListener<Ipv4Address>> web = group.listen(new Endpoint<>(any, 80), 128, place -> handler(place));
 * group.connect(peer, place -> clientHandler(place)); // from one shard after the other
 * }</pre>
 *
 * <p>Called by threads that control shards, one call at a time, and not by the shards' own threads, which it waits for.
 */
public final class ShardGroup {
    private final ShardTable table;
    private final FlowHash hash;
    private final NewsRings rings;
    private final AtomicReferenceArray<@Nullable ShardMember> members;
    private final List<SharedPlace<?>> shared = new ArrayList<>();
    private int next;

    /** Our UDP port for TCP that was set; negative as long as each stack has its own of its configuration. */
    private int udpPort = -1;

    /**
     * Makes a group without members.
     *
     * @param table which shards there are, as for the ports
     * @param hash spreads the flows, as for the ports
     */
    public ShardGroup(final ShardTable table, final FlowHash hash) {
        this.table = table;
        this.hash = hash;
        this.rings = new NewsRings(table.places());
        this.members = new AtomicReferenceArray<>(table.places());
    }

    /** Which shards there are. */
    public ShardTable table() {
        return table;
    }

    /**
     * Adds a stack that no thread polls yet, with its interfaces. It gets the routes and neighbours that were set by
     * hand in the others, what they found out, and all that is open in every shard.
     *
     * @param place of the shard, free until now
     * @param stack made with a configuration of its own {@linkplain io.millrace.stack.StackConfig#forOneOf for one of
     *     several}
     * @param thread runs something on the shard's thread once that is started, or says that it cannot
     * @return what the shard's thread is to poll, beside the stack
     * @throws IllegalStateException if the place is taken
     */
    public synchronized ShardMember join(final int place, final Stack stack, final Predicate<Runnable> thread) {
        if (members.get(place) != null) {
            throw new IllegalStateException("there is a shard at place " + place + " already");
        }
        final ShardMember guide = anyMember();
        final ShardMember member = new ShardMember(this, place, stack, thread);
        stack.sharding()
                .placement((localHi, localLo, remoteHi, remoteLo, ports) ->
                        table.owner(hash.hash(localHi, localLo, remoteHi, remoteLo, ports)) == place);
        stack.sharding().leads(table.first() == place);
        stack.sharding().news(rings.sender(place, to -> members.get(to) != null));
        rings.clear(place);
        if (guide != null) {
            final List<Route> routes = guide.ask(Stack::routes);
            final List<Runnable> neighbors = guide.ask(known -> SetByHand.neighbors(known, stack));
            SetByHand.routes(routes, stack);
            neighbors.forEach(Runnable::run);
        }
        if (udpPort >= 0) {
            stack.tcp().encapsulations().port(udpPort);
        }
        for (final SharedPlace<?> one : shared) {
            one.openDirectly(member);
        }
        members.set(place, member);
        if (guide != null) {
            guide.ask(known -> {
                known.sharding().tellAll();
                return true;
            });
        }
        return member;
    }

    /** Takes a stack out whose thread has ended. Harmless if there is none. */
    public synchronized void leave(final int place) {
        final ShardMember gone = members.getAndSet(place, null);
        if (gone != null) {
            shared.forEach(one -> one.forget(gone));
        }
    }

    /**
     * Listens for TCP connections in every shard, also in those to come. A connection is accepted by the shard that its
     * packets are brought to.
     *
     * @param backlog of each shard's listener
     * @param handlers makes the handler of each shard, called on its thread
     * @throws io.millrace.stack.socket.AddressInUseException if there is a listener in any of them
     */
    public <A extends IpAddress> SharedPlace<TcpListener<A>> listen(
            final Endpoint<A> local, final int backlog, final IntFunction<TcpHandler> handlers) {
        return open((place, stack) -> stack.listen(local, backlog, handlers.apply(place)), TcpListener::close);
    }

    /**
     * Opens a UDP socket in every shard, also in those to come. A datagram is received by the shard that it is brought
     * to; what is sent from any of them is answered to the one that the peer's address and port lead to.
     *
     * @param local where; its port is given, for it is the same everywhere
     * @param handlers makes the handler of each shard, called on its thread
     * @throws io.millrace.stack.socket.AddressInUseException if there is a socket in any of them
     * @throws IllegalArgumentException if no port is named
     */
    public <A extends IpAddress> SharedPlace<UdpSocket<A>> bind(
            final Endpoint<A> local, final UdpConfig config, final IntFunction<UdpHandler> handlers) {
        if (local.port() == 0) {
            throw new IllegalArgumentException("cannot bind to " + local + " in every shard; name a port");
        }
        return open((place, stack) -> stack.bind(local, config, handlers.apply(place)), UdpSocket::close);
    }

    /**
     * Opens a TCP connection from one of the running shards, from one after the other.
     *
     * @param handlers makes the handler, called on the shard's thread
     * @return the place of the shard
     * @throws IllegalStateException if no shard runs
     */
    public synchronized <A extends IpAddress> int connect(
            final Endpoint<A> remote, final IntFunction<TcpHandler> handlers) {
        for (int i = 0; i < table.places(); i++) {
            next = next + 1 == table.places() ? 0 : next + 1;
            final ShardMember member = members.get(next);
            if (member != null && table.runs(next)) {
                final int place = next;
                member.ask(stack -> stack.connect(remote, handlers.apply(place)));
                return place;
            }
        }
        throw new IllegalStateException("no shard runs");
    }

    /**
     * Sets our UDP port for TCP within UDP in every shard, also in those to come, as {@link
     * io.millrace.stack.socket.tcp.Encapsulations#port(int)} does in one: what has begun keeps its port. While the shards
     * are told, one after the other, what comes to the port is refused where it is not known yet or any more.
     *
     * @param port 0 to 65,535; 0 for none
     * @throws io.millrace.stack.socket.AddressInUseException if a UDP socket of any shard has the port; then nothing changes
     */
    public synchronized void udpEncapsulation(final int port) {
        final List<Runnable> changed = new ArrayList<>();
        try {
            for (final ShardMember member : present()) {
                final int before = member.ask(stack -> exchangeUdpPort(stack, port));
                changed.add(() -> member.ask(stack -> exchangeUdpPort(stack, before)));
            }
        } catch (final RuntimeException e) {
            for (final Runnable one : changed) {
                try {
                    one.run();
                } catch (final RuntimeException other) {
                    e.addSuppressed(other);
                }
            }
            throw e;
        }
        udpPort = port;
    }

    /** Has something done in every stack, on its thread, one after the other: a route added, a neighbour removed. */
    public synchronized void onAll(final Consumer<Stack> action) {
        for (final ShardMember member : present()) {
            member.ask(stack -> {
                action.accept(stack);
                return true;
            });
        }
    }

    /** Messages between shards that were lost since an inbox was full. */
    public long newsLost() {
        return rings.lost();
    }

    private synchronized <S> SharedPlace<S> open(
            final BiFunction<Integer, Stack, S> opening, final Consumer<S> closing) {
        final SharedPlace<S> place = new SharedPlace<>(this, opening, closing);
        try {
            present().forEach(place::open);
        } catch (final RuntimeException e) {
            try {
                place.closeParts();
            } catch (final RuntimeException other) {
                e.addSuppressed(other);
            }
            throw e;
        }
        shared.add(place);
        return place;
    }

    synchronized void close(final SharedPlace<?> place) {
        if (shared.remove(place)) {
            place.closeParts();
        }
    }

    /** Sets a stack's port; returns the one before. */
    private static int exchangeUdpPort(final Stack stack, final int port) {
        final Encapsulations encapsulations = stack.tcp().encapsulations();
        final int before = encapsulations.port();
        encapsulations.port(port);
        return before;
    }

    NewsRings rings() {
        return rings;
    }

    FlowHash hash() {
        return hash;
    }

    private @Nullable ShardMember anyMember() {
        final List<ShardMember> all = present();
        return all.isEmpty() ? null : all.getFirst();
    }

    private List<ShardMember> present() {
        final List<ShardMember> all = new ArrayList<>();
        for (int place = 0; place < members.length(); place++) {
            final ShardMember member = members.get(place);
            if (member != null) {
                all.add(member);
            }
        }
        return all;
    }
}
