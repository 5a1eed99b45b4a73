/**
 * Network namespaces of Linux, in which demo and tests put a peer: the kernel's own stack behind a veth pair or a TAP
 * interface. A namespace has no name and lives only as long as a process in it, so nothing is left behind however this
 * program ends.
 */
@NullMarked
package io.millrace.bench.netns;

import org.jspecify.annotations.NullMarked;
