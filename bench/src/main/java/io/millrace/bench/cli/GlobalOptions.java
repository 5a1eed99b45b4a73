package io.millrace.bench.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that every command understands; mixed into the root and inherited by each subcommand. */
@Command
final class GlobalOptions {
    @Option(
            names = "--stack-trace",
            scope = ScopeType.INHERIT,
            description = "Show where in the program an error came from.")
    boolean stackTrace;
}
