/**
 * What a program on Linux sees of sockets, upon a stack of ours: descriptors, system calls with their numbers and errors,
 * blocking and not. A call is an {@link io.millrace.bench.packetdrill.host.Attempt}, made again after each step of
 * virtual time until it is over, so that everything happens on one thread and always alike.
 */
@NullMarked
package io.millrace.bench.packetdrill.host;

import org.jspecify.annotations.NullMarked;
