/**
 * Timers of a shard on a hierarchical timing wheel: setting, moving and cancelling one takes constant time, and the next
 * one due is found without a search. Time is an argument here as everywhere in the stack.
 */
@NullMarked
package io.millrace.stack.timer;

import org.jspecify.annotations.NullMarked;
