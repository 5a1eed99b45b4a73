/** Interfaces: addresses, neighbours, routes, and the dispatch of what arrives to the protocol engines. */
@NullMarked
package io.millrace.stack.iface;

import org.jspecify.annotations.NullMarked;
