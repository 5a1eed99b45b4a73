/**
 * Measures a router's loop beside DPDK's: look up the destinations of a burst among many routes, take one from the hop
 * limit, write the link addresses of the next hop.
 */
@NullMarked
package io.millrace.bench.route;

import org.jspecify.annotations.NullMarked;
