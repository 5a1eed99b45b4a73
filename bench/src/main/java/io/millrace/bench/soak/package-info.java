/**
 * {@code millrace bench soak}: packets without end through nodes and faulty ports, to see that nothing leaks. {@link
 * io.millrace.bench.soak.Soak} runs it, {@link io.millrace.bench.soak.SoakResult} says what came of it.
 */
@NullMarked
package io.millrace.bench.soak;

import org.jspecify.annotations.NullMarked;
