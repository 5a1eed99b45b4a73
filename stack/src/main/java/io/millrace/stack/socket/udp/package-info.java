/**
 * UDP (RFC 768, RFC 8085). The engine finds a datagram's socket in one probe of a hash table; sockets get datagrams in
 * place, by callback or from a bounded queue, and send by copy or in place.
 */
@NullMarked
package io.millrace.stack.socket.udp;

import org.jspecify.annotations.NullMarked;
