package io.millrace.bench.control;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.iface.neighbor.NeighborEntry;
import io.millrace.stack.socket.tcp.TcpSnapshot;
import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests from the stacks of a running server. Stacks belong to their shards' threads, so each request is
 * carried to them and runs between two polls. What is changed is changed on every shard.
 */
public final class ControlService implements ControlSocket.Service {
    /** Most sockets that one shard lists, so that a look does not hold up its packets for long. */
    private static final int MAX_SOCKETS = 10_000;

    private final Supplier<List<Shard>> shards;
    private final Gson gson = new Gson();

    /**
     * A shard as requests see it.
     *
     * @param place its number
     * @param stack touched on the shard's thread alone
     * @param datagrams where its UDP sockets are bound; called on the shard's thread
     * @param thread runs something on the shard's thread, or says that it cannot
     */
    public record Shard(
            int place,
            Stack stack,
            Supplier<List<Endpoint<? extends IpAddress>>> datagrams,
            Predicate<Runnable> thread) {
        /** The only one. */
        public Shard(Stack stack, Supplier<List<Endpoint<? extends IpAddress>>> datagrams, Predicate<Runnable> thread) {
            this(0, stack, datagrams, thread);
        }
    }

    /** Makes one for all shards of a server, which stay the same. */
    public ControlService(List<Shard> shards) {
        final List<Shard> all = List.copyOf(shards);
        this.shards = () -> all;
    }

    /** Makes one for the shards that a server has at the time of each request, at least one. */
    public ControlService(Supplier<List<Shard>> shards) {
        this.shards = shards;
    }

    @Override
    public JsonElement serve(ControlRequest request) {
        return gson.toJsonTree(rows(request));
    }

    private List<?> rows(ControlRequest request) {
        return switch (request.object() + " " + request.action()) {
            case "address show" -> addresses();
            case "ss show" -> sockets(request.optional("info") != null);
            case "neigh show" -> neighbors(request);
            case "neigh add" -> addNeighbor(request);
            case "neigh del" -> removeNeighbor(request);
            case "neigh flush" -> flushNeighbors(request);
            case "route show" -> onFirst(RouteRequests::show);
            case "route get" -> onFirst(stack -> RouteRequests.get(stack, request));
            case "route add" -> {
                onAll(stack -> RouteRequests.add(stack, request));
                yield List.of();
            }
            case "route del" -> {
                onAll(stack -> RouteRequests.remove(stack, request));
                yield List.of();
            }
            case "appliance show", "appliance trace", "appliance set", "mac show", "mac add", "mac del", "mac flush" ->
                throw new ControlException("this is no appliance; " + request.object() + " is for millrace forward");
            default ->
                throw new ControlException("this server does not know " + request.object() + " " + request.action());
        };
    }

    private List<SocketRow> sockets(boolean inside) {
        final List<SocketRow> rows = new ArrayList<>();
        for (final Shard shard : shards.get()) {
            final int index = shard.place;
            rows.addAll(on(shard, () -> {
                final List<SocketRow> found = new ArrayList<>();
                final long now = ShardOptions.monotonicMicros();
                TcpSnapshot.of(shard.stack.tcp(), MAX_SOCKETS, inside)
                        .forEach(tcp -> found.add(SocketRow.of(tcp, now, index)));
                shard.datagrams.get().forEach(local -> found.add(SocketRow.bound(local, index)));
                return found;
            }));
        }
        return rows;
    }

    private List<AddressRow> addresses() {
        final List<AddressRow> rows = new ArrayList<>();
        for (final Shard shard : shards.get()) {
            final int index = shard.place;
            rows.addAll(on(shard, () -> {
                final List<AddressRow> found = new ArrayList<>();
                for (final NetInterface netInterface : shard.stack.interfaces()) {
                    netInterface
                            .addressEntries()
                            .forEach(entry -> found.add(AddressRow.of(entry, netInterface.name(), index)));
                }
                return found;
            }));
        }
        return rows;
    }

    private List<NeighborRow> neighbors(ControlRequest request) {
        final String device = request.optional("dev");
        final List<NeighborRow> rows = new ArrayList<>();
        for (final Shard shard : shards.get()) {
            final int index = shard.place;
            rows.addAll(on(shard, () -> {
                final List<NeighborRow> found = new ArrayList<>();
                for (final NetInterface netInterface : chosen(shard.stack, device)) {
                    for (final NeighborEntry entry : netInterface.neighbors()) {
                        found.add(NeighborRow.of(entry, netInterface.name(), index));
                    }
                }
                return found;
            }));
        }
        return rows;
    }

    private List<NeighborRow> addNeighbor(ControlRequest request) {
        final IpAddress address = address(request.required("address"));
        final MacAddress mac = mac(request.required("lladdr"));
        onAll(stack -> interfaceFor(stack, address, request.optional("dev")).addNeighbor(address, mac));
        return List.of();
    }

    private List<NeighborRow> removeNeighbor(ControlRequest request) {
        final IpAddress address = address(request.required("address"));
        final List<Boolean> removed = new ArrayList<>();
        onAll(stack -> {
            boolean any = false;
            for (final NetInterface netInterface : chosen(stack, request.optional("dev"))) {
                any |= netInterface.removeNeighbor(address);
            }
            removed.add(any);
        });
        if (!removed.contains(true)) {
            throw new ControlException("there is no neighbour " + address + "; neigh show lists them");
        }
        return List.of();
    }

    private List<NeighborRow> flushNeighbors(ControlRequest request) {
        onAll(stack -> chosen(stack, request.optional("dev")).forEach(NetInterface::flushNeighbors));
        return List.of();
    }

    static List<NetInterface> chosen(Stack stack, @Nullable String device) {
        if (device == null) {
            return stack.interfaces();
        }
        for (final NetInterface netInterface : stack.interfaces()) {
            if (netInterface.name().equals(device)) {
                return List.of(netInterface);
            }
        }
        throw new ControlException("there is no interface " + device + "; choose one of " + names(stack));
    }

    /** The interface that is named, or the only one, or the one in whose network the address is. */
    static NetInterface interfaceFor(Stack stack, IpAddress address, @Nullable String device) {
        final List<NetInterface> all = chosen(stack, device);
        if (all.size() == 1) {
            return all.getFirst();
        }
        for (final NetInterface netInterface : all) {
            if (netInterface.addresses().stream()
                    .anyMatch(cidr -> cidr.address().family() == address.family() && cidr.contains(address))) {
                return netInterface;
            }
        }
        throw new ControlException(
                address + " is in the network of no interface; name one of " + names(stack) + " with --dev");
    }

    private static String names(Stack stack) {
        return String.join(
                ", ", stack.interfaces().stream().map(NetInterface::name).toList());
    }

    static IpAddress address(String text) {
        try {
            return IpAddress.parse(text);
        } catch (AddressSyntaxException e) {
            throw new ControlException(String.valueOf(e.getMessage()));
        }
    }

    private static MacAddress mac(String text) {
        try {
            return MacAddress.parse(text);
        } catch (AddressSyntaxException e) {
            throw new ControlException(String.valueOf(e.getMessage()));
        }
    }

    /** Something that changes a stack. */
    @FunctionalInterface
    private interface Change {
        void to(Stack stack);
    }

    /**
     * Changes all stacks. They have the same interfaces and settings, so what the first one refuses all would, and then
     * nothing changes; a shard that does not answer keeps none of the others from changing.
     */
    private void onAll(Change change) {
        final List<Shard> all = shards.get();
        to(all.getFirst(), change);
        final List<String> missed = new ArrayList<>();
        for (final Shard shard : all.subList(1, all.size())) {
            try {
                to(shard, change);
            } catch (ControlException e) {
                missed.add("shard " + shard.place + ": " + e.getMessage());
            }
        }
        if (!missed.isEmpty()) {
            throw new ControlException("done, but not by all shards, so say it again; " + String.join("; ", missed));
        }
    }

    private static void to(Shard shard, Change change) {
        on(shard, () -> {
            change.to(shard.stack);
            return true;
        });
    }

    private <T> T onFirst(Function<Stack, T> question) {
        final Shard first = shards.get().getFirst();
        return on(first, () -> question.apply(first.stack));
    }

    private static <T> T on(Shard shard, Supplier<T> question) {
        return ControlThread.ask(shard.thread, question);
    }
}
