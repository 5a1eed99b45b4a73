/**
 * Ports: where packets come from and go to. A {@link io.millrace.dataplane.port.Port} is opened and closed by a control
 * thread; each of its {@link io.millrace.dataplane.port.PortQueue}s belongs to the one thread that polls it.
 */
@NullMarked
package io.millrace.dataplane.port;

import org.jspecify.annotations.NullMarked;
