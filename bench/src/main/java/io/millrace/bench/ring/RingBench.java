package io.millrace.bench.ring;

import io.millrace.bench.reference.Turns;
import io.millrace.dataplane.ring.HandleRing;
import io.millrace.dpdk.CpuAffinity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Hands numbers from one pinned thread to another over a {@link HandleRing} and, in turns, over a {@code rte_ring} with
 * one producer and one consumer, both of 2,048 entries. Turns are a fraction of a millisecond, so that most have both
 * CPUs to themselves. The consumer adds up what it gets, and the sum must be right.
 */
final class RingBench {
    private static final int CAPACITY = 2048;
    private static final int MAX_BURST = 512;

    /** Numbers of a turn. */
    private static final int TURN = 65_536;

    private static final int WARM_UP_TURNS = 300;
    private static final int SPINS = 10_000;
    private static final long PARK_NANOS = 10_000;

    private final HandleRing ours = new HandleRing(CAPACITY - 1);
    private final @Nullable DpdkRing theirs;
    private final int burst;
    private final int warmUp;
    private final int turns;

    /** Threads that have come to the beginning of a turn, of all turns together. */
    private final AtomicInteger arrived = new AtomicInteger();

    private RingBench(final @Nullable DpdkRing theirs, final int burst, final int rounds) {
        this.theirs = theirs;
        this.burst = burst;
        this.warmUp = Math.min(WARM_UP_TURNS, 10 * rounds);
        this.turns = warmUp + rounds;
    }

    /**
     * Measures.
     *
     * @param burst numbers at once, 1 to 512
     * @param rounds turns of each that count
     * @param progress is told why there is no reference, if there is none
     * @return million numbers a second
     * @throws IllegalArgumentException if there is only one CPU, or the burst is out of range
     */
    public static Turns run(final int burst, final int rounds, final Consumer<String> progress)
            throws IOException, InterruptedException {
        if (burst < 1 || burst > MAX_BURST || rounds < 1) {
            throw new IllegalArgumentException(
                    rounds + " rounds of bursts of " + burst + "; bursts are 1 to " + MAX_BURST);
        }
        final BitSet cpus = CpuAffinity.current();
        if (cpus.cardinality() < 2) {
            throw new IllegalArgumentException("a ring between two cores needs two CPUs; this process may use one");
        }
        final Path folder = Files.createTempDirectory("millrace-ring");
        try (DpdkRing reference = reference(folder, progress)) {
            final RingBench bench = new RingBench(reference, burst, rounds);
            return bench.measure(cpus.nextSetBit(0), cpus.length() - 1);
        } finally {
            delete(folder);
        }
    }

    private static @Nullable DpdkRing reference(final Path folder, final Consumer<String> progress)
            throws InterruptedException {
        try {
            return DpdkRing.make(folder, CAPACITY);
        } catch (final IOException e) {
            progress.accept(
                    "no reference, which needs: apt-get install gcc pkg-config libdpdk-dev (" + e.getMessage() + ")");
            return null;
        }
    }

    private Turns measure(final int producerCpu, final int consumerCpu) throws InterruptedException {
        final FutureTask<Turns> consumer = new FutureTask<>(() -> {
            CpuAffinity.pin(consumerCpu);
            return consumeAll();
        });
        final FutureTask<Boolean> producer = new FutureTask<>(() -> {
            CpuAffinity.pin(producerCpu);
            produceAll();
            return true;
        });
        new Thread(producer, "ring-producer").start();
        new Thread(consumer, "ring-consumer").start();
        try {
            producer.get();
            return consumer.get();
        } catch (final ExecutionException e) {
            throw new IllegalStateException("the hand-over failed: " + e.getCause(), e);
        }
    }

    private void produceAll() {
        final long[] handles = new long[burst];
        int turn = 0;
        for (int i = 0; i < turns; i++) {
            begin(turn++);
            produce(handles);
            if (theirs != null) {
                begin(turn++);
                theirs.produce(TURN, burst);
            }
        }
    }

    private Turns consumeAll() {
        final int rounds = turns - warmUp;
        final double[] java = new double[rounds];
        final double[] c = new double[theirs == null ? 0 : rounds];
        final long[] handles = new long[burst];
        int turn = 0;
        for (int i = 0; i < turns; i++) {
            begin(turn++);
            final long start = System.nanoTime();
            check(consume(handles));
            final double rate = TURN * 1e3 / (System.nanoTime() - start);
            double reference = 0;
            if (theirs != null) {
                begin(turn++);
                final long begin = System.nanoTime();
                check(theirs.consume(TURN, burst));
                reference = TURN * 1e3 / (System.nanoTime() - begin);
            }
            if (i >= warmUp) {
                java[i - warmUp] = rate;
                if (c.length > 0) {
                    c[i - warmUp] = reference;
                }
            }
        }
        return Turns.of(java, c);
    }

    private void produce(final long[] handles) {
        long next = 0;
        while (next < TURN) {
            final int count = (int) Math.min(handles.length, TURN - next);
            for (int i = 0; i < count; i++) {
                handles[i] = next + i;
            }
            final int taken = ours.offer(handles, 0, count);
            next += taken;
            if (taken == 0) {
                Thread.onSpinWait();
            }
        }
    }

    private long consume(final long[] handles) {
        long sum = 0;
        int received = 0;
        while (received < TURN) {
            final int count = ours.poll(handles, 0, handles.length);
            for (int i = 0; i < count; i++) {
                sum += handles[i];
            }
            received += count;
            if (count == 0) {
                Thread.onSpinWait();
            }
        }
        return sum;
    }

    private static void check(final long sum) {
        if (sum != (long) TURN * (TURN - 1) / 2) {
            throw new IllegalStateException("not every number came through once");
        }
    }

    /** Waits until both threads are about to begin a turn. */
    private void begin(final int turn) {
        arrived.incrementAndGet();
        int spins = 0;
        while (arrived.get() < 2 * (turn + 1)) {
            if (++spins % SPINS == 0) {
                LockSupport.parkNanos(PARK_NANOS);
            }
            Thread.onSpinWait();
        }
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
