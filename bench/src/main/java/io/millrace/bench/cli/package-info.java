/**
 * The {@code millrace} command line. {@link io.millrace.bench.cli.Main} parses the arguments, runs one subcommand and
 * turns whatever goes wrong into one line and an exit code; the subcommands themselves live beside what they run,
 * what they share in {@code command} and {@code options}.
 */
@NullMarked
package io.millrace.bench.cli;

import org.jspecify.annotations.NullMarked;
