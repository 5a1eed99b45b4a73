/**
 * Wire formats: bytes and nothing else. A {@code View} reads and writes fields in place; a {@code Repr} holds a validated
 * header's values and is reused from packet to packet.
 */
@NullMarked
package io.millrace.stack.wire;

import org.jspecify.annotations.NullMarked;
