/** Options that several commands of {@code millrace} have, and what they make of them: a plan, or settings of TCP. */
@NullMarked
package io.millrace.bench.options;

import org.jspecify.annotations.NullMarked;
