/**
 * Packets as text: one line each, in the words of tcpdump, for tracers and for the messages of tests. Everything that
 * comes from a wire can be printed, however short or wrong it is; what is cut off is named in brackets with a bar, as in
 * {@code [|tcp]}. None of this runs where packets are forwarded, so it may allocate.
 */
@NullMarked
package io.millrace.stack.wire.text;

import org.jspecify.annotations.NullMarked;
