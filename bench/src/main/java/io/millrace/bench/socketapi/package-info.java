/**
 * Sockets as programs on Linux x86-64 know them, upon a stack of ours: descriptors, calls with their errors, constants,
 * options and {@code tcp_info} as bytes. {@link io.millrace.bench.socketapi.Descriptor#open} opens a socket. Whoever
 * speaks for a program, over a Unix socket or from a script, builds upon this.
 */
@NullMarked
package io.millrace.bench.socketapi;

import org.jspecify.annotations.NullMarked;
