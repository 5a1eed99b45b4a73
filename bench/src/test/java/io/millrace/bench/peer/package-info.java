/**
 * {@code millrace serve} against Linux: each test class starts the real command in a network namespace of its own and
 * talks to it with the kernel's TCP/IP and the tools that everybody has. Others have a stack of ours within the test talk
 * to Linux ({@code OurHost}). Package {@code calls} makes the same socket calls of both, {@code twins} gives both the same
 * segments. Run with {@code -Dmillrace.test.excludedGroups=none}.
 */
@NullMarked
package io.millrace.bench.peer;

import org.jspecify.annotations.NullMarked;
