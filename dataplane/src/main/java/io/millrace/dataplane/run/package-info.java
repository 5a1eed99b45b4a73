/**
 * Run loops. A shard is one pinned thread that polls one task, and nothing else touches what the task owns; a port with
 * a single queue is shared among several shards by a dispatcher that keeps each flow on one of them.
 */
@NullMarked
package io.millrace.dataplane.run;

import org.jspecify.annotations.NullMarked;
