/**
 * Rings between threads. They carry packet handles, never bytes, from one producer to one consumer, and hand ownership
 * of the packets over with them.
 */
@NullMarked
package io.millrace.dataplane.ring;

import org.jspecify.annotations.NullMarked;
