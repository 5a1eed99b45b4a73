/**
 * Which segments are in the network, which are lost, and how fast they may be replaced, as parts that know nothing of
 * connections and clocks: the scoreboard of what was sent (RFC 6675), loss detection by time (RACK, RFC 8985) and
 * proportional rate reduction (PRR, RFC 9937). The connection's loss recovery puts them together.
 *
 * <p>Sequence numbers are ints that wrap, times are microseconds, sizes bytes. Nothing here is thread-safe, and nothing
 * allocates but the scoreboard when it grows.
 */
@NullMarked
package io.millrace.stack.socket.tcp.recovery;

import org.jspecify.annotations.NullMarked;
