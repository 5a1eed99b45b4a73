/**
 * What benchmarks compare with, where that is C: small sources compiled on this machine for this machine when they are
 * needed, and thrown away afterwards; and how they run both sides: in turns, on a thread pinned to a CPU. Nothing but
 * benchmarks uses them.
 */
@NullMarked
package io.millrace.bench.reference;

import org.jspecify.annotations.NullMarked;
