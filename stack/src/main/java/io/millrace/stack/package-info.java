/**
 * The TCP/IP stack of one shard: no thread, no clock and no native code of its own. Packets come from and go to ports of
 * {@code io.millrace.dataplane}; time is an argument. Same inputs, same clock and same seed give the same bytes.
 *
 * <p>What belongs to a stack, here and in the packages below, is for the thread that polls the stack, unless it says
 * otherwise. Other threads come in by package {@code client}. Configurations and addresses are immutable, and anybody's.
 */
@NullMarked
package io.millrace.stack;

import org.jspecify.annotations.NullMarked;
