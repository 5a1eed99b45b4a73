/**
 * Middleware: what may be put around any port without either side noticing. A {@link
 * io.millrace.dataplane.port.middleware.Middleware} wraps each queue of a port when it is taken; {@link
 * io.millrace.dataplane.port.middleware.MiddlewarePort} is the port that results, and is itself a port that may be
 * wrapped again, so that a fault injector's work can be traced and captured. What the injector changes is its {@link
 * io.millrace.dataplane.port.middleware.PacketMutator}'s choice: bytes at random, or marks of congestion. A {@link
 * io.millrace.dataplane.port.middleware.LinkWatch} counts how often the port's link goes down and comes up.
 */
@NullMarked
package io.millrace.dataplane.port.middleware;

import org.jspecify.annotations.NullMarked;
