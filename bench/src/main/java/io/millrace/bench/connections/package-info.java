/**
 * What connections cost that have nothing to do: how much memory each takes, and whether polling a stack takes longer for
 * having many. A crowd of peers that keep no state opens them, so that what is measured is one end only.
 */
@NullMarked
package io.millrace.bench.connections;

import org.jspecify.annotations.NullMarked;
