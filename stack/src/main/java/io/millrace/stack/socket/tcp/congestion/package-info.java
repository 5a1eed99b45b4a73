/**
 * Congestion control: how much may be in flight. {@link io.millrace.stack.socket.tcp.congestion.CongestionControl} holds
 * the state of one connection and dispatches to the algorithm by an int, since a virtual call with more than two targets
 * costs more than the arithmetic behind it. {@link io.millrace.stack.socket.tcp.congestion.Bbr} is a model of the path,
 * lent to a connection while it has data in flight.
 */
@NullMarked
package io.millrace.stack.socket.tcp.congestion;

import org.jspecify.annotations.NullMarked;
