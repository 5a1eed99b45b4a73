package io.millrace.bench.connections;

import io.millrace.bench.command.BenchmarkCommand;
import io.millrace.bench.command.UserErrorException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What idle connections cost. */
@Command(
        name = "connections",
        description = "Establish many idle TCP connections in one stack, and print what memory and time they cost.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The peers keep no state, so that all memory is the stack's. Goals: 512 bytes for each connection, 2 GiB"
                    + " for a million, and a poll that is as fast as without them."
        })
public final class ConnectionsCommand extends BenchmarkCommand {
    /** Heap that a connection takes while the table grows, with room to spare. */
    private static final long HEAP_EACH = 700;

    private static final long HEAP_BASE = 64L << 20;
    private static final double MEBI = 1 << 20;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "How many connections (default: ${DEFAULT-VALUE}).")
    private int count;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress) {
        checkRange("--count", count, 1, 10_000_000);
        final long needed = HEAP_BASE + HEAP_EACH * count;
        if (Runtime.getRuntime().maxMemory() < needed) {
            throw new UserErrorException("--count: " + count + " connections need a heap of " + (needed >> 20)
                    + " MiB; ask for fewer, or set MILLRACE_JAVA_OPTS=-Xmx" + (needed >> 20) + "m");
        }
        try (IdleConnections none = new IdleConnections(0);
                IdleConnections connections = new IdleConnections(count)) {
            final IdleConnections.Result result = connections.run(count, none);
            out.printf("%,d connections established, all idle%n", result.connections());
            out.printf(
                    "heap      %8.1f MiB, %d bytes each (goal 512)%n", result.heapBytes() / MEBI, result.bytesEach());
            out.printf("off heap  %8.1f MiB, for data and packets of all of them%n", result.offHeapBytes() / MEBI);
            out.printf(
                    "together  %8.1f MiB (goal 2048 for a million)%n",
                    (result.heapBytes() + result.offHeapBytes()) / MEBI);
            out.printf(
                    "poll      %8.1f ns with none, %.1f ns with all of them%n",
                    result.pollNanosWithout(), result.pollNanos());
        }
    }
}
