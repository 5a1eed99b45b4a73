package io.millrace.bench.appliance;

import io.millrace.bench.control.ControlException;
import io.millrace.bench.control.ControlThread;
import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.linux.LinuxAddress;
import io.millrace.dataplane.linux.LinuxRoute;
import io.millrace.dataplane.linux.RouteListener;
import io.millrace.dataplane.linux.RouteSocket;
import io.millrace.dataplane.port.PortException;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps addresses and routes of a router and of Linux in step, in both directions. Linux's changes come by RTNETLINK to a
 * thread of this object's own, which carries them in pieces to the thread of the nodes, so that packets never wait for
 * the kernel; new ways come before old ones go, so that no packet is without one meanwhile. When Linux has more to tell
 * than there is room for, everything is read and compared anew.
 *
 * <p>From Linux: routes by one of the interfaces, from whoever, with all their ways and metrics; black holes and unreachable
 * networks; addresses that the interfaces get and lose beside the router's own. To Linux: the router's
 * addresses, as long as it has them; and its static routes, with a metric that lets Linux's own ones come first. Each
 * side's routes are its own, even where both lead the same way: one of them goes, and the other stays, in the router as
 * in Linux. What Linux loses of ours, with an interface that goes down or by a command, it gets again.
 */
final class HostSync implements AutoCloseable {
    /** Changes that are carried to the nodes' thread at once: their packets wait so long. */
    private static final int PIECE = 256;

    private static final int WAIT_MILLIS = 100;

    private final HostPorts hosts;
    private final HostSide side;
    private final RouteSocket watch;
    private final RouteSocket tell;

    /** Linux's routes that the router has, by destination. */
    private final Map<Cidr<? extends IpAddress>, List<Route>> taken = new HashMap<>();

    private final HostGrants grants;

    /** Linux's own addresses that the router has. */
    private final Set<LinuxAddress> own = new HashSet<>();

    /** Addresses that the router has lost, told by the nodes' thread. */
    private final ConcurrentLinkedQueue<Lost> lost = new ConcurrentLinkedQueue<>();

    private final List<Runnable> changes = new ArrayList<>();
    private final Events events = new Events();
    private volatile boolean routerChanged;
    private volatile boolean closing;
    private final AtomicLong refused = new AtomicLong();
    private final AtomicInteger routes = new AtomicInteger();
    private volatile String trouble = "";

    /** Linux has lost something that it has from us, or may take now what it refused. */
    private boolean tellAgain;

    private boolean readAnew;
    private Predicate<Runnable> nodes = command -> {
        command.run();
        return true;
    };
    private @Nullable Thread thread;

    private record Lost(IpAddress address, int device) {}

    /**
     * Makes both the same, before the nodes run.
     *
     * @param hosts Linux's ends of the ports
     * @param side the router, or what else has the addresses
     * @throws PortException if Linux refuses
     */
    HostSync(HostPorts hosts, HostSide side) {
        this.hosts = hosts;
        this.side = side;
        this.tell = RouteSocket.open();
        this.grants = new HostGrants(hosts, tell);
        try {
            this.watch = RouteSocket.watch();
        } catch (PortException e) {
            tell.close();
            throw e;
        }
        try {
            side.onLost(this::lose);
            grants.addresses(addresses(), own);
            grants.routes(side.routes());
            readAddresses();
            readRoutes();
            carry();
        } catch (RuntimeException e) {
            watch.close();
            tell.close();
            throw e;
        }
    }

    /** Keeps them the same from now on. */
    void start(Predicate<Runnable> execute) {
        nodes = execute;
        thread = Thread.ofPlatform().daemon().name("host-sync").start(this::run);
    }

    /** Says that somebody changed the router's routes, or a responder's addresses. Any thread. */
    void routerChanged() {
        routerChanged = true;
    }

    /** One line for people: how many of Linux's routes the router has. Any thread. */
    String text() {
        return "host: " + routes + " routes of Linux taken, " + refused + " refused" + trouble + grants.refusal();
    }

    /** The addresses of all ports that have a host. On the nodes' thread. */
    private Set<LinuxAddress> addresses() {
        final Set<LinuxAddress> all = new HashSet<>();
        for (int i = 0; i < hosts.size(); i++) {
            final HostPorts.Host host = hosts.of(i);
            if (host != null) {
                side.addresses(i).forEach(cidr -> all.add(HostRoutes.toLinux(cidr, host.index())));
            }
        }
        return all;
    }

    private void lose(int port, IpAddress address) {
        final HostPorts.Host host = hosts.of(port);
        if (host != null) {
            lost.add(new Lost(address, host.index()));
        }
    }

    private void count(boolean taken) {
        if (!taken) {
            refused.incrementAndGet();
        }
    }

    private void run() {
        while (!closing) {
            try {
                if (watch.next(events, WAIT_MILLIS)) {
                    while (changes.size() < PIECE && watch.next(events, 0)) {
                        // There is more of the same.
                    }
                }
                takeLost();
                carry(); // or an address that Linux has just taken away would look like the router's own
                if (tellAgain || readAnew) {
                    tellAgain = false;
                    grants.tellAgain();
                }
                if (routerChanged) {
                    routerChanged = false;
                    grants.addresses(ask(this::addresses), own);
                    grants.routes(ask(side::routes));
                }
                if (readAnew) {
                    readAnew = false;
                    readAddresses();
                    readRoutes();
                }
                carry();
                trouble = "";
            } catch (RuntimeException e) {
                // Linux refuses, or the nodes' thread is busy: look at everything again, at leisure.
                trouble = "; " + (e instanceof PortException || e instanceof ControlException ? e.getMessage() : e);
                readAnew = true;
                routerChanged = true;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS));
            }
        }
    }

    private void takeLost() {
        for (Lost gone = lost.poll(); gone != null; gone = lost.poll()) {
            grants.lost(gone.address(), gone.device());
        }
    }

    private <T> T ask(Supplier<T> question) {
        return ControlThread.ask(nodes, question);
    }

    /**
     * Reads all routes of Linux, and takes the differences for changes. What is new of a destination comes before what is
     * gone, so that its packets always have a way.
     */
    private void readRoutes() {
        final Map<Cidr<? extends IpAddress>, List<Route>> there = new HashMap<>();
        final Dump all = new Dump() {
            @Override
            public void onRoute(LinuxRoute route, boolean replaces) {
                HostRoutes.toRouter(route, hosts)
                        .forEach(each -> there.computeIfAbsent(each.destination(), destination -> new ArrayList<>(1))
                                .add(each));
            }
        };
        tell.routes(Linux.AF_INET, all);
        tell.routes(Linux.AF_INET6, all);
        there.forEach((destination, ways) -> {
            ways.forEach(this::take);
            if (all.whole) {
                loseBut(destination, ways);
            }
        });
        if (all.whole) {
            Set.copyOf(taken.keySet()).stream()
                    .filter(destination -> !there.containsKey(destination))
                    .forEach(destination -> loseBut(destination, List.of()));
        }
    }

    /** The same with addresses that are not the router's own. */
    private void readAddresses() {
        final Set<LinuxAddress> there = new HashSet<>();
        final Dump all = new Dump() {
            @Override
            public void onAddress(LinuxAddress address) {
                there.add(address);
                super.onAddress(address);
            }
        };
        tell.addresses(all);
        if (all.whole) {
            List.copyOf(own).stream()
                    .filter(address -> !there.contains(address))
                    .forEach(all::onAddressGone);
        }
    }

    private void loseBut(Cidr<? extends IpAddress> destination, List<Route> kept) {
        for (final Route each : List.copyOf(taken.getOrDefault(destination, List.of()))) {
            if (kept.stream().noneMatch(route -> samePlace(route, each))) {
                lose(each);
            }
        }
    }

    private void take(Route route) {
        if (!side.hasRoutes()) {
            return;
        }
        final List<Route> same = taken.computeIfAbsent(route.destination(), destination -> new ArrayList<>(1));
        if (same.contains(route)) {
            return;
        }
        if (!same.removeIf(each -> samePlace(each, route))) {
            routes.incrementAndGet();
        }
        same.add(route);
        if (route.equals(best(same, route))) {
            changes.add(() -> count(side.add(route)));
        }
    }

    private void lose(Route route) {
        final List<Route> same = taken.get(route.destination());
        if (same == null || !same.removeIf(each -> samePlace(each, route))) {
            return;
        }
        routes.decrementAndGet();
        final Route left = best(same, route);
        if (left == null) {
            changes.add(() -> side.remove(route));
        } else if (left.metric() > route.metric()) {
            changes.add(() -> count(side.add(left)));
        }
        if (same.isEmpty()) {
            taken.remove(route.destination());
        }
    }

    /** Whether one of Linux's routes would be in the place of another: of the end of one nothing tells the weight. */
    private static boolean samePlace(Route a, Route b) {
        return a.metric() == b.metric() && a.sameWay(b);
    }

    /** The one that counts of Linux's routes that lead the same way, which the router has once; null if there is none. */
    private static @Nullable Route best(List<Route> all, Route way) {
        return all.stream()
                .filter(way::sameWay)
                .min(Comparator.comparingInt(Route::metric))
                .orElse(null);
    }

    /** Lets the nodes' thread make the changes that have gathered. */
    private void carry() {
        int done = 0;
        try {
            while (done < changes.size()) {
                final List<Runnable> now = List.copyOf(changes.subList(done, Math.min(done + PIECE, changes.size())));
                ask(() -> {
                    now.forEach(Runnable::run);
                    return true;
                });
                done += now.size();
            }
        } finally {
            changes.subList(0, done).clear(); // at once, since a full table makes a million
        }
    }

    /** Stops, and takes from Linux what it has from us; an interface that was made here takes the rest along. */
    @Override
    public void close() {
        closing = true;
        awaitEnd();
        grants.takeAll();
        watch.close();
        tell.close();
    }

    private void awaitEnd() {
        final Thread started = thread;
        boolean interrupted = false;
        while (started != null && started.isAlive()) {
            try {
                started.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What Linux tells. On this object's thread. */
    private class Events implements RouteListener {
        @Override
        public void onRoute(LinuxRoute linux, boolean replaces) {
            final List<Route> all = HostRoutes.toRouter(linux, hosts);
            all.forEach(HostSync.this::take);
            if (replaces) {
                replaced(linux, all);
            }
        }

        /** Of routes that another one replaces, nothing more is told. */
        private void replaced(LinuxRoute by, List<Route> all) {
            final int metric = HostRoutes.metric(by);
            for (final Route each : List.copyOf(taken.getOrDefault(HostRoutes.destination(by), List.of()))) {
                if (each.metric() == metric && all.stream().noneMatch(each::sameWay)) {
                    lose(each);
                }
            }
        }

        @Override
        public void onRouteGone(LinuxRoute linux) {
            HostRoutes.toRouter(linux, hosts).forEach(HostSync.this::lose);
            tellAgain |= grants.contains(linux);
        }

        @Override
        public void onAddress(LinuxAddress address) {
            final int port = hosts.portOf(address.device());
            if (port < 0) {
                return;
            }
            if (!grants.contains(address) && own.add(address)) {
                tellAgain |= !grants.refusal().isEmpty(); // perhaps of a route to a gateway that can be reached now
                changes.add(() -> count(side.add(port, HostRoutes.toRouter(address))));
            }
        }

        @Override
        public void onAddressGone(LinuxAddress address) {
            final int port = hosts.portOf(address.device());
            if (port >= 0 && own.remove(address)) {
                changes.add(() -> side.remove(port, HostRoutes.toRouter(address).address()));
            }
            tellAgain |= grants.contains(address);
        }

        @Override
        public void onDevice(int index) {
            // With an interface that goes down go routes of which nothing is told.
            readAnew |= hosts.portOf(index) >= 0;
        }

        @Override
        public void onOverrun() {
            readAnew = true;
        }
    }

    /** What Linux answers when it is asked for everything. */
    private class Dump extends Events {
        /** Whether nothing was left out, so that what it does not have is gone. */
        boolean whole = true;

        @Override
        public void onOverrun() {
            whole = false;
            super.onOverrun();
        }
    }
}
