package io.millrace.bench.jmh;

import io.millrace.bench.route.InternetPrefixes;
import io.millrace.stack.route.RouteTable;
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
        InternetPrefixes.hosts(family, table.snapshot(), his, los);
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
