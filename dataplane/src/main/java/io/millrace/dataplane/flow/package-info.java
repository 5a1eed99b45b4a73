/**
 * Which packets belong together. A flow hash keeps both directions of a connection on one shard, computed here for ports
 * without receive-side scaling and, from the same key, by network cards that have it.
 */
@NullMarked
package io.millrace.dataplane.flow;

import org.jspecify.annotations.NullMarked;
