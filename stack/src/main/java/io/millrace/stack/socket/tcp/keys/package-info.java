/**
 * Keys that sign TCP segments, so that nobody else can end a connection or put words into it: MD5 signatures (RFC 2385),
 * which BGP sessions still use. {@link io.millrace.stack.socket.tcp.keys.TcpKeys} are those of a listener or a connection;
 * {@link io.millrace.stack.socket.tcp.TcpOptions#keys()} gives them. What signs is the JDK's cryptography.
 */
@NullMarked
package io.millrace.stack.socket.tcp.keys;

import org.jspecify.annotations.NullMarked;
