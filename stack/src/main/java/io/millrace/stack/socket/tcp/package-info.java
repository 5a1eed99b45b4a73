/**
 * TCP (RFC 9293). {@link io.millrace.stack.socket.tcp.TcpSocket}, {@link io.millrace.stack.socket.tcp.TcpListener} and
 * {@link io.millrace.stack.socket.tcp.TcpHandler} are what applications see; the engine behind them is split by concern:
 * what a segment does to a connection, what a connection has to send, timers, loss recovery, congestion control.
 *
 * <p>Data may go with the SYN (TCP Fast Open, RFC 7413), so that an exchange takes one round trip where it took two. Both
 * ends must want that, for the network may deliver a SYN, and its data, twice. A server: {@code
 * listener.fastOpen().limit(256)}; its handler is then told of connections, and may answer, before their handshake is
 * complete. A client, before the stack is polled:
 *
 * <pre>{@code
 * TcpSocket<Ipv4Address> socket = stack.connect(server, handler);
 * socket.options().fastOpenConnect(true);
 * socket.send(request, 0, length); // goes with the SYN, if the server gave us a cookie before; else follows the handshake
 * }</pre>
 *
 * <p>Application threads set the same option by {@link io.millrace.stack.client.TcpChannel#options}: connecting then
 * returns at once where a cookie is known, and what is written first goes with the SYN.
 *
 * <p>What {@link io.millrace.stack.socket.tcp.TcpConfig} says holds as long as the stack; but what handshakes offer can be
 * changed while there are connections, on the thread of the stack:
 *
 * <pre>{@code
 * stack.tcp().offer(new TcpOffer(true, true, true, EcnMode.REQUEST)); // timestamps, SACK, window scaling
 * }</pre>
 */
@NullMarked
package io.millrace.stack.socket.tcp;

import org.jspecify.annotations.NullMarked;
