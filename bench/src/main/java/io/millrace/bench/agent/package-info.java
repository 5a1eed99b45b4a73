/**
 * {@code millrace agent}: socket calls on our stack for programs in any language, over a Unix socket.
 * {@link io.millrace.bench.agent.AgentListener} takes requests, each on a virtual thread of its own so that one that
 * blocks holds up nobody; {@link io.millrace.bench.agent.Agent} serves them; numbers, constants and structures are
 * those of Linux on x86-64.
 */
@NullMarked
package io.millrace.bench.agent;

import org.jspecify.annotations.NullMarked;
