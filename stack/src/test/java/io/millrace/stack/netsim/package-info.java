/**
 * TCP over a simulated network, in the setting of smoltcp's netsim test: the same delay, link rate, buffers and losses,
 * drawn from the same random numbers. Since time is virtual, throughput is exact, and can be set beside what is published
 * for smoltcp.
 */
@NullMarked
package io.millrace.stack.netsim;

import org.jspecify.annotations.NullMarked;
