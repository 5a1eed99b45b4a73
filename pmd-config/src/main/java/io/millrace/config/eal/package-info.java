/**
 * Turns a configuration into the arguments that DPDK's environment abstraction layer starts with. Text in, text out: the
 * layer itself is started by whoever holds the bindings.
 */
@NullMarked
package io.millrace.config.eal;

import org.jspecify.annotations.NullMarked;
