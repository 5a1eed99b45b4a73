/** Benchmarks. Those of hot paths are JMH's; transfers through whole stacks are plain classes that return what they saw. */
@NullMarked
package io.millrace.bench.jmh;

import org.jspecify.annotations.NullMarked;
