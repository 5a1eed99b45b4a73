package io.millrace.bench.jmh;

import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.IpFamily;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The longest matching route and its next hop, for destinations spread over the whole table: the worst case for caches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouteLookupBenchmark {
    private static final int DESTINATIONS = 1 << 16;
    private static final int BATCH = 64;

    /** Address family. */
    @Param({"4", "6"})
    public int family;

    /** How many routes there are. */
    @Param({"2", "100000", "1000000"})
    public int routes;

    private RouteTable table = new RouteTable();
    private final long[] his = new long[DESTINATIONS];
    private final long[] los = new long[DESTINATIONS];
    private int at;

    /** Fills the table, and chooses hosts within random ones of its prefixes. */
    @Setup
    public void fill() {
        table = new InternetPrefixes(family, 1).table(routes);
        final List<Route> all = table.snapshot();
        final SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < DESTINATIONS; i++) {
            final var prefix = all.get(random.nextInt(all.size())).destination();
            final var mask = prefix.mask();
            los[i] = prefix.address().lo() | (random.nextLong() & ~mask.lo());
            his[i] = prefix.address().hi() | (random.nextLong() & ~mask.hi());
            if (family == IpFamily.V4) {
                his[i] = 0;
                los[i] &= 0xFFFF_FFFFL;
            }
        }
    }

    /** Looks up destinations one after the other; each look-up may overlap the next in the processor. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long lookup() {
        long sum = 0;
        final int from = at;
        for (int i = from; i < from + BATCH; i++) {
            final int hop = table.findHop(family, his[i], los[i], RouteTable.ANY_INTERFACE);
            sum += table.interfaceIndex(hop) + table.nextLo(hop, los[i]);
        }
        at = (from + BATCH) & (DESTINATIONS - 1);
        return sum;
    }
}
