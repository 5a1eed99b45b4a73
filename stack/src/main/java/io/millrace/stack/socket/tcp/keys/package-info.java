/**
 * Keys that sign TCP segments, so that nobody else can end a connection or put words into it: the authentication
 * option (TCP-AO, RFC 5925), and MD5 signatures (RFC 2385), which it replaces and BGP sessions still use. {@link
 * io.millrace.stack.socket.tcp.keys.TcpKeys} are those of a listener or a connection; {@link
 * io.millrace.stack.socket.tcp.TcpOptions#keys()} gives them. What digests and enciphers is the JDK.
 */
@NullMarked
package io.millrace.stack.socket.tcp.keys;

import org.jspecify.annotations.NullMarked;
