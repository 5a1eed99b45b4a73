/**
 * Counters with a documented name for everything that is counted, every reason for a drop above all. One thread writes a
 * set, any thread reads it.
 */
@NullMarked
package io.millrace.dataplane.counter;

import org.jspecify.annotations.NullMarked;
