/**
 * {@code millrace serve} against Linux: each test class starts the real command in a network namespace of its own and
 * talks to it with the kernel's TCP/IP and the tools that everybody has. Run with {@code -Dmillrace.test.groups=peers}.
 */
@NullMarked
package io.millrace.bench.peer;

import org.jspecify.annotations.NullMarked;
