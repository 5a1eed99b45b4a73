/**
 * The TCP/IP stack of one shard: no thread, no clock and no native code of its own. Packets come from and go to ports of
 * {@code io.millrace.dataplane}; time is an argument. Same inputs, same clock and same seed give the same bytes.
 */
@NullMarked
package io.millrace.stack;

import org.jspecify.annotations.NullMarked;
