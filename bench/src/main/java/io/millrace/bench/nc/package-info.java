/**
 * {@code millrace nc}: standard input and output at one end of a TCP connection or a UDP socket of our stack, in the
 * manner of OpenBSD's netcat. {@link io.millrace.bench.nc.NcSession} connects or listens, {@link
 * io.millrace.bench.nc.Relay} moves the bytes.
 */
@NullMarked
package io.millrace.bench.nc;

import org.jspecify.annotations.NullMarked;
