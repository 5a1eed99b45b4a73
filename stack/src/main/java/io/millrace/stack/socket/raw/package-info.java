/**
 * IP packets for applications that make and read them whole, header included: protocols that the stack does not know,
 * monitors, tools that send what no socket would. Beside the other sockets, not instead of them.
 */
@NullMarked
package io.millrace.stack.socket.raw;

import org.jspecify.annotations.NullMarked;
