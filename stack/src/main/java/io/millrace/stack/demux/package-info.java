/**
 * From a packet's addresses and ports to the connection or listener that it is for, in constant time whatever their
 * number. Tables are indexed by a keyed hash, so that no peer can choose connections that collide.
 */
@NullMarked
package io.millrace.stack.demux;

import org.jspecify.annotations.NullMarked;
