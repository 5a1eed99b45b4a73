/**
 * Buffers that know nothing of protocols: queues of bytes and the chunks that they are made of, packets longer than a
 * port's buffers, and sets of ranges.
 */
@NullMarked
package io.millrace.stack.storage;

import org.jspecify.annotations.NullMarked;
