/**
 * Wire formats: bytes and nothing else. A {@code View} reads and writes fields in place; a {@code Repr} holds a validated
 * header's values and is reused from packet to packet.
 *
 * <p>Fields are big-endian on the wire, and unsigned: they are read into a wider type, but 32 bits that wrap, as sequence
 * numbers do, or only tell one thing from another, into an int. Views keep nothing, so that whoever owns the memory may
 * use them on any thread; a {@code Repr} belongs to one. Malformed input is told by a result, never by an exception.
 */
@NullMarked
package io.millrace.stack.wire;

import org.jspecify.annotations.NullMarked;
