/**
 * Micro-benchmarks on JMH, run by {@code millrace bench jmh [REGEX]}. Each class holds one subject, keeps its packets off
 * the heap and allocates nothing while it measures, which {@code --profile gc} shows; inputs come from fixed seeds, so
 * that two runs measure the same work. The JVMs that JMH forks inherit the flags of the launcher.
 */
@NullMarked
package io.millrace.bench.jmh;

import org.jspecify.annotations.NullMarked;
