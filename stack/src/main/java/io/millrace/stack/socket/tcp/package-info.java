/**
 * TCP (RFC 9293). {@link io.millrace.stack.socket.tcp.TcpSocket}, {@link io.millrace.stack.socket.tcp.TcpListener} and
 * {@link io.millrace.stack.socket.tcp.TcpHandler} are what applications see; the engine behind them is split by concern:
 * what a segment does to a connection, what a connection has to send, timers, loss recovery, congestion control.
 */
@NullMarked
package io.millrace.stack.socket.tcp;

import org.jspecify.annotations.NullMarked;
