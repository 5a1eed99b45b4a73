/**
 * ICMP for both families (RFC 792, RFC 4443) as far as it concerns applications: requests are answered, echo replies
 * find the socket that asked by their identifier, and errors the socket whose packet they are about.
 */
@NullMarked
package io.millrace.stack.socket.icmp;

import org.jspecify.annotations.NullMarked;
