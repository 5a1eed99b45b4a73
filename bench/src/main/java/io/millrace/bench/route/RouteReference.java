package io.millrace.bench.route;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.millrace.bench.reference.CompiledC;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;

/** DPDK's tables of routes with a loop in C around them; see {@code l3.c}. EAL runs as long as it is used. */
final class RouteReference {
    /** A table of DPDK's. The order is that of {@code l3.c}. */
    enum Kind {
        /** {@code rte_fib} (DIR-24-8) and {@code rte_fib6} (a trie). */
        FIB("rte_fib"),
        /** {@code rte_lpm} and {@code rte_lpm6}. */
        LPM("rte_lpm");

        private final String library;

        Kind(final String library) {
            this.library = library;
        }

        /** DPDK's name for it. */
        String label(final int family) {
            return library + (family == IpFamily.V6 ? "6" : "");
        }
    }

    private final MethodHandle create;
    private final MethodHandle error;
    private final MethodHandle free;
    private final MethodHandle add;
    private final MethodHandle forward;

    @SuppressWarnings("restricted")
    private RouteReference(final SymbolLookup library) {
        final Linker linker = Linker.nativeLinker();
        create = linker.downcallHandle(
                library.findOrThrow("l3_create"), FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG));
        error = linker.downcallHandle(library.findOrThrow("l3_error"), FunctionDescriptor.of(JAVA_INT));
        free = linker.downcallHandle(
                library.findOrThrow("l3_free"), FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT));
        add = linker.downcallHandle(
                library.findOrThrow("l3_add"),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
        forward = linker.downcallHandle(
                library.findOrThrow("l3_forward"),
                FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
    }

    /**
     * Compiles it with {@code gcc -O3 -march=native} and loads it for the rest of the process's life.
     *
     * @param folder for the source and the library
     * @throws IOException if there is no compiler, or no header of DPDK; the message is the compiler's
     */
    @SuppressWarnings("restricted")
    static RouteReference compile(final Path folder) throws IOException, InterruptedException {
        final Path library = CompiledC.compile(
                RouteReference.class, "l3", folder, List.of("rte_fib", "rte_rib", "rte_lpm", "rte_eal"));
        return new RouteReference(SymbolLookup.libraryLookup(library, Arena.global()));
    }

    /** A table with these routes, each to another destination. */
    Table table(final int family, final Kind kind, final List<Route> routes) {
        try {
            final MemorySegment table =
                    (MemorySegment) create.invokeExact(family, kind.ordinal(), (long) routes.size());
            if (table.address() == 0) {
                throw new IllegalStateException(
                        kind.label(family) + " cannot be made: error " + (int) error.invokeExact());
            }
            final Table made = new Table(table, family, kind);
            made.fill(routes);
            return made;
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** One table. */
    final class Table implements AutoCloseable {
        private final MemorySegment table;
        private final int family;
        private final Kind kind;

        private Table(final MemorySegment table, final int family, final Kind kind) {
            this.table = table;
            this.family = family;
            this.kind = kind;
        }

        private void fill(final List<Route> routes) throws Throwable {
            for (final Route route : routes) {
                add(route);
            }
        }

        private void add(final Route route) throws Throwable {
            final IpAddress to = route.destination().address();
            final IpAddress gateway = route.gateway();
            final int hop = gateway == null ? 0 : (int) (gateway.lo() & 0xFF) - 1;
            final int result = (int) add.invokeExact(
                    table,
                    family,
                    kind.ordinal(),
                    to.hi(),
                    to.lo(),
                    route.destination().prefixLength(),
                    hop);
            if (result != 0) {
                throw new IllegalStateException(kind.label(family) + " does not take " + route + ": " + result);
            }
        }

        /** Forwards all frames once; returns how many had a route. */
        long forward(final RouteFrames frames) {
            try {
                return (long) forward.invokeExact(
                        table, family, kind.ordinal(), frames.memory(), (long) RouteFrames.COUNT, frames.macs());
            } catch (final Throwable t) {
                throw new AssertionError(t);
            }
        }

        @Override
        public void close() {
            try {
                free.invokeExact(table, family, kind.ordinal());
            } catch (final Throwable t) {
                throw new AssertionError(t);
            }
        }
    }
}
