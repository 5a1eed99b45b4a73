/** TCP over a veth pair against Linux, beside Linux against itself over another pair of the same kind. */
@NullMarked
package io.millrace.bench.veth;

import org.jspecify.annotations.NullMarked;
