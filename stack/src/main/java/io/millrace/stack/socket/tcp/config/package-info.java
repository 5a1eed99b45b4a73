/**
 * What a stack's TCP is set to when it is made: {@link io.millrace.stack.socket.tcp.config.TcpConfigBuilder} makes a
 * {@link io.millrace.stack.socket.tcp.config.TcpConfig} of features, timeouts, limits, buffers and customs. What one
 * connection or listener has otherwise is for {@link io.millrace.stack.socket.tcp.TcpOptions}.
 */
@NullMarked
package io.millrace.stack.socket.tcp.config;

import org.jspecify.annotations.NullMarked;
