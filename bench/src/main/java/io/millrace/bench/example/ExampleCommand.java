package io.millrace.bench.example;

import io.millrace.bench.command.UserErrorException;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one of the examples, or lists them. */
@Command(
        name = "example",
        description = "Run a small program that shows the API; without a name, list them.",
        mixinStandardHelpOptions = true)
public final class ExampleCommand implements Callable<Integer> {
    private static final String SOURCES = "bench/src/main/java/io/millrace/bench/example/";

    private static final List<Example> EXAMPLES = List.of(
            new TcpEchoExample(),
            new TcpOptionsExample(),
            new FastOpenExample(),
            new SignedExample(),
            new TimesExample(),
            new ThreadsExample(),
            new PacketThreadsExample(),
            new ShardsExample(),
            new WireTransferExample(),
            new UdpAndPingExample(),
            new UdpRunsExample(),
            new UdpErrorsExample(),
            new MulticastExample(),
            new RawSocketExample(),
            new RouterExample(),
            new OwnDeviceExample(),
            new OwnNodeExample());

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description = "One of: ${COMPLETION-CANDIDATES}.",
            completionCandidates = Names.class)
    private @Nullable String name;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public ExampleCommand() {}

    @Override
    public Integer call() throws Exception {
        final PrintWriter out = spec.commandLine().getOut();
        if (name == null) {
            for (final Example example : EXAMPLES) {
                out.printf("%-15s %s%n", example.name(), example.summary());
            }
            out.printf("%nThe sources are in %s%n", SOURCES);
            return 0;
        }
        for (final Example example : EXAMPLES) {
            if (example.name().equals(name)) {
                example.run(out);
                out.printf(
                        "%nRead it in %s%s.java%n", SOURCES, example.getClass().getSimpleName());
                return 0;
            }
        }
        throw new UserErrorException("there is no example '" + name + "'; there are " + String.join(", ", new Names()));
    }

    /** The names, for help and completion. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return EXAMPLES.stream().map(Example::name).iterator();
        }
    }
}
