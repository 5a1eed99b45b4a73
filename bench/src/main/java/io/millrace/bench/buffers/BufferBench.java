package io.millrace.bench.buffers;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.millrace.bench.reference.CompiledC;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.Eal;
import io.millrace.dpdk.Mempool;
import io.millrace.dpdk.ThreadRegistration;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Allocates bulks of buffers and frees them, through a {@link PoolCache} and, in turns, through DPDK's {@code
 * rte_pktmbuf_alloc_bulk} and {@code rte_pktmbuf_free_bulk} with the cache of a registered thread. Both pools are alike.
 *
 * <p>EAL must not run yet in this process; it has been started and stopped when {@link #run} returns.
 */
final class BufferBench {
    private static final int CAPACITY = 16_383;
    private static final int CACHE = 256;
    private static final int PACKET_SIZE = 2_048;
    private static final int HEADROOM = 128;
    private static final int ANY_SOCKET = -1;
    private static final int MAX_BULK = 512;
    private static final int TURNS = 2001;
    private static final int WARM_UP_TURNS = 2000;

    /** Buffers of a turn: a fraction of a millisecond, so that most turns have the CPU to themselves. */
    private static final int TURN = 16_384;

    private BufferBench() {}

    /**
     * Measures, on the calling thread.
     *
     * @param bulk buffers at once, 1 to 512
     * @param progress is told why there is no reference, if there is none
     */
    public static BufferResult run(final int bulk, final Consumer<String> progress)
            throws IOException, InterruptedException {
        if (bulk < 1 || bulk > MAX_BULK) {
            throw new IllegalArgumentException("bulks of " + bulk + " buffers; they have 1 to " + MAX_BULK);
        }
        CpuAffinity.pin(CpuAffinity.current().length() - 1);
        final Path folder = Files.createTempDirectory("millrace-buffers");
        try (Eal eal = Eal.start(List.of(
                        "--no-pci",
                        "--no-telemetry",
                        "--no-huge",
                        "--no-shconf",
                        "-m",
                        "256",
                        "--file-prefix=millrace-" + ProcessHandle.current().pid()));
                ThreadRegistration registration = ThreadRegistration.register();
                DpdkPool ours = DpdkPool.create("ours", CAPACITY, PACKET_SIZE);
                Mempool theirs = Mempool.create("theirs", CAPACITY, CACHE, PACKET_SIZE + HEADROOM, ANY_SOCKET)) {
            progress.accept(Eal.version() + (eal.hasHugepages() ? " with" : " without") + " hugepages, lcore "
                    + registration.lcoreId());
            return measure(ours, theirs, reference(folder, progress), bulk);
        } finally {
            delete(folder);
        }
    }

    private static @Nullable MethodHandle reference(final Path folder, final Consumer<String> progress)
            throws InterruptedException {
        try {
            return link(CompiledC.compile(
                    BufferBench.class, "buffers", folder, List.of("rte_mbuf", "rte_mempool", "rte_eal")));
        } catch (final IOException e) {
            progress.accept(
                    "no reference, which needs: apt-get install gcc pkg-config libdpdk-dev (" + e.getMessage() + ")");
            return null;
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(final Path library) {
        return Linker.nativeLinker()
                .downcallHandle(
                        SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow("buffer_loop"),
                        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    }

    private static BufferResult measure(
            final DpdkPool ours, final Mempool theirs, final @Nullable MethodHandle reference, final int bulk) {
        final PoolCache cache = new PoolCache(ours, 2 * CACHE);
        final long[] handles = new long[bulk];
        final int rounds = Math.max(1, TURN / bulk);
        final double buffers = (double) rounds * bulk;
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            turn(cache, handles, rounds);
        }
        final double[] java = new double[TURNS];
        final double[] c = new double[TURNS];
        final double[] ratios = new double[TURNS];
        for (int i = 0; i < TURNS; i++) {
            final long start = System.nanoTime();
            turn(cache, handles, rounds);
            final long middle = System.nanoTime();
            java[i] = (middle - start) / buffers;
            if (reference != null) {
                turn(reference, theirs, rounds, bulk);
                c[i] = (System.nanoTime() - middle) / buffers;
                ratios[i] = c[i] / java[i];
            }
        }
        cache.flush();
        return new BufferResult(median(java), median(c), median(ratios));
    }

    private static void turn(final PoolCache cache, final long[] handles, final int rounds) {
        for (int i = 0; i < rounds; i++) {
            if (cache.allocate(handles, 0, handles.length) != handles.length) {
                throw new IllegalStateException("the pool is empty");
            }
            cache.free(handles, 0, handles.length);
        }
    }

    private static void turn(final MethodHandle loop, final Mempool pool, final int rounds, final int bulk) {
        final long done;
        try {
            done = (long) loop.invokeExact(pool.address(), (long) rounds, (long) bulk);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
        if (done != (long) rounds * bulk) {
            throw new IllegalStateException("the pool of the reference is empty");
        }
    }

    private static double median(final double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
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
