/**
 * Sockets and the protocol engines behind them. They know segments and datagrams, addresses and time, but neither links
 * nor neighbours nor routes: what they send goes through {@link io.millrace.stack.socket.IpOutput}.
 */
@NullMarked
package io.millrace.stack.socket;

import org.jspecify.annotations.NullMarked;
