/**
 * A port that leads back to itself. What an application transmits on a queue it receives on the same queue, in the same
 * buffer, without a copy.
 */
@NullMarked
package io.millrace.dataplane.port.loopback;

import org.jspecify.annotations.NullMarked;
