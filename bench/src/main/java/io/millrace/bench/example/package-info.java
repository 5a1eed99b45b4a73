/**
 * Small programs that show the API, each of which runs: {@code millrace example NAME}. Start with {@link
 * io.millrace.bench.example.TcpEchoExample}; {@link io.millrace.bench.example.UdpTunnelPort} is a device of one's own.
 */
@NullMarked
package io.millrace.bench.example;

import org.jspecify.annotations.NullMarked;
