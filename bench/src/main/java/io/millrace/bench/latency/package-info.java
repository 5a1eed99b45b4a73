/**
 * How long a packet takes through a forwarder at a steady rate. Packets carry the time at which they were planned to be
 * sent, so that a stall counts for every packet that it holds up, sent already or not.
 */
@NullMarked
package io.millrace.bench.latency;

import org.jspecify.annotations.NullMarked;
