package io.millrace.bench.route;

import io.millrace.bench.reference.Turns;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.Eal;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Forwards frames by a large table of routes, in turns with the same loop in C over {@code rte_fib} or {@code rte_lpm}
 * with the same routes: {@link RouteFrames} says which frames, and both must leave the same bytes behind.
 *
 * <p>EAL must not run yet in this process; it has been started and stopped when {@link #run} returns.
 */
final class RouteBench {
    /** As many next hops as {@link InternetPrefixes} has gateways. */
    private static final int HOPS = 64;

    private static final int PASSES = 4;
    private static final int WARM_UP_PASSES = 100;
    private static final int CHANGES = 2_000;

    /** Adding a route to {@code rte_lpm} takes longer the more there are: hours for a million. */
    private static final int MOST_LPM_ROUTES = 200_000;

    private RouteBench() {}

    /**
     * Measures, on the calling thread.
     *
     * @param families {@link IpFamily#V4} and {@link IpFamily#V6}
     * @param sizes numbers of routes, 1 to 2,000,000
     * @param rounds how often both take turns
     * @param results is told each result when it is there
     * @param progress is told why there is no reference, if there is none
     */
    public static void run(
            final List<Integer> families,
            final List<Integer> sizes,
            final int rounds,
            final Consumer<RouteResult> results,
            final Consumer<String> progress)
            throws IOException, InterruptedException {
        if (rounds < 1) {
            throw new IllegalArgumentException(rounds + " rounds; there must be something to measure");
        }
        for (final int size : sizes) {
            if (size < 1 || size > 2_000_000) {
                throw new IllegalArgumentException(size + " routes; use 1 to 2000000");
            }
        }
        CpuAffinity.pin(CpuAffinity.current().length() - 1);
        final int largest = sizes.stream().mapToInt(Integer::intValue).max().orElse(1);
        final Path folder = Files.createTempDirectory("millrace-route");
        try (Eal _ = Eal.start(List.of(
                "--no-pci",
                "--no-telemetry",
                "--no-huge",
                "--no-shconf",
                // A million routes of IPv6 take 3.2 GB in rte_fib6.
                "-m",
                Integer.toString(1024 + largest / 250),
                "--force-max-simd-bitwidth=512",
                "--file-prefix=millrace-" + ProcessHandle.current().pid()))) {
            final RouteReference reference = compile(folder, progress);
            for (final int family : families) {
                for (final int size : sizes) {
                    measure(family, size, rounds, reference, results);
                }
            }
        } finally {
            delete(folder);
        }
    }

    private static @Nullable RouteReference compile(final Path folder, final Consumer<String> progress)
            throws InterruptedException {
        try {
            return RouteReference.compile(folder);
        } catch (final IOException e) {
            progress.accept(
                    "no reference, which needs: apt-get install gcc pkg-config libdpdk-dev (" + e.getMessage() + ")");
            return null;
        }
    }

    private static void measure(
            final int family,
            final int size,
            final int rounds,
            final @Nullable RouteReference reference,
            final Consumer<RouteResult> results) {
        final List<Route> routes = routes(family, size);
        final RouteTable table = new RouteTable();
        routes.forEach(table::add);
        try (Arena arena = Arena.ofShared()) {
            final RouteFrames frames = new RouteFrames(family, table, routes, HOPS, arena);
            for (int i = 0; i < WARM_UP_PASSES; i++) {
                if (i % PASSES == 0) {
                    frames.fill();
                }
                frames.forward();
            }
            if (reference == null) {
                final double[][] turns = turns(frames, null, rounds);
                results.accept(result(table, family, routes, "reference", turns));
                return;
            }
            for (final RouteReference.Kind kind : RouteReference.Kind.values()) {
                if (kind == RouteReference.Kind.FIB || size <= MOST_LPM_ROUTES) {
                    try (RouteReference.Table theirs = reference.table(family, kind, routes)) {
                        compare(frames, theirs);
                        final double[][] turns = turns(frames, theirs, rounds);
                        results.accept(result(table, family, routes, kind.label(family), turns));
                    }
                }
            }
        }
    }

    /** One route to each of so many destinations: which of several is the best one is for each table to say. */
    private static List<Route> routes(final int family, final int size) {
        final Map<Cidr<? extends IpAddress>, Route> destinations = new LinkedHashMap<>();
        for (final Route route :
                new InternetPrefixes(family, 1).table(size + size / 8 + 1).snapshot()) {
            destinations.putIfAbsent(route.destination(), route);
        }
        final List<Route> routes = new ArrayList<>(destinations.values());
        Collections.shuffle(routes, new Random(4));
        return List.copyOf(routes.subList(0, size));
    }

    /** What is measured would mean nothing if both did not do the same. */
    private static void compare(final RouteFrames frames, final RouteReference.Table theirs) {
        frames.fill();
        final long ours = frames.forward();
        final MemorySegment memory = frames.memory();
        final MemorySegment after = Arena.ofAuto().allocate(memory.byteSize()).copyFrom(memory);
        frames.fill();
        if (theirs.forward(frames) != ours || memory.mismatch(after) >= 0) {
            throw new IllegalStateException("the reference forwards otherwise: frame "
                    + memory.mismatch(after) / RouteFrames.STRIDE + " of " + RouteFrames.COUNT + " differs");
        }
    }

    /** Million packets a second of this thread's time on its CPU in each turn, ours and theirs. */
    private static double[][] turns(
            final RouteFrames frames, final RouteReference.@Nullable Table theirs, final int rounds) {
        final double[] ours = new double[rounds];
        final double[] others = new double[theirs == null ? 0 : rounds];
        final double packets = 1e3 * PASSES * RouteFrames.COUNT;
        final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (int round = 0; round < rounds; round++) {
            frames.fill();
            final long start = threads.getCurrentThreadCpuTime();
            for (int pass = 0; pass < PASSES; pass++) {
                frames.forward();
            }
            ours[round] = packets / (threads.getCurrentThreadCpuTime() - start);
            if (theirs != null) {
                frames.fill();
                final long theirStart = threads.getCurrentThreadCpuTime();
                for (int pass = 0; pass < PASSES; pass++) {
                    theirs.forward(frames);
                }
                others[round] = packets / (threads.getCurrentThreadCpuTime() - theirStart);
            }
        }
        return new double[][] {ours, others};
    }

    private static RouteResult result(
            final RouteTable table,
            final int family,
            final List<Route> routes,
            final String reference,
            final double[][] turns) {
        return new RouteResult(
                family,
                routes.size(),
                reference,
                Turns.of(turns[0], turns[1]),
                (double) table.bytes() / routes.size(),
                changeNanos(table, routes));
    }

    private static double changeNanos(final RouteTable table, final List<Route> routes) {
        final SplittableRandom random = new SplittableRandom(3);
        final long[] nanos = new long[CHANGES];
        for (int i = 0; i < CHANGES; i++) {
            final Route route = routes.get(random.nextInt(routes.size()));
            final long start = System.nanoTime();
            table.remove(route);
            table.add(route);
            nanos[i] = System.nanoTime() - start;
        }
        return Arrays.stream(nanos).average().orElse(0);
    }

    private static void delete(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
