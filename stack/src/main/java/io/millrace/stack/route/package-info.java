/**
 * Where packets go next: longest-prefix match for either family, and what a match leads to. A table stands alone, without
 * interfaces or packets, so that a forwarder without sockets uses it just as the stack does; interfaces are mere numbers
 * here. Nothing is allocated to look something up, and a route is added or removed in place, however many there are.
 */
@NullMarked
package io.millrace.stack.route;

import org.jspecify.annotations.NullMarked;
