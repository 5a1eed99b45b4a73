/** Buffers that know nothing of protocols: byte queues, packet queues, assemblers of ranges. */
@NullMarked
package io.millrace.stack.storage;

import org.jspecify.annotations.NullMarked;
