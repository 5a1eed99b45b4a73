/** What a person runs: the {@code millrace} command line, its server, demo, examples and benchmarks. */
@NullMarked
package io.millrace.bench;

import org.jspecify.annotations.NullMarked;
