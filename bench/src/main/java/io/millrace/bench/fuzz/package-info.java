/**
 * Fuzzing: inputs that a coverage-guided engine (Jazzer) makes up, into the parsers and into whole stacks. Each target is
 * a class with the engine's entry point; {@link io.millrace.bench.fuzz.Fuzzer} runs one of them in a process of its own,
 * for as long as wanted, and keeps what it found.
 */
@NullMarked
package io.millrace.bench.fuzz;

import org.jspecify.annotations.NullMarked;
