package io.millrace.bench.ping;

import io.millrace.stack.wire.address.ScopedAddress;

/**
 * What to ask, how often, and how long to wait.
 *
 * @param target whom, and by which interface if its address has a zone
 * @param count how many requests; 0 until interrupted
 * @param intervalMicros between requests
 * @param size bytes of data in each, 0 to 65,507
 * @param flood whether to ask as fast as answers come, and 100 times a second at least
 * @param floodRate most requests in a second of a flood
 * @param quiet whether to print nothing but the beginning and the end
 * @param timeoutMicros how long to wait for a first answer after the last request
 * @param deadlineMicros when to end, whatever came, counted from the beginning; 0 for never
 */
record PingSettings(
        ScopedAddress target,
        long count,
        long intervalMicros,
        int size,
        boolean flood,
        int floodRate,
        boolean quiet,
        long timeoutMicros,
        long deadlineMicros) {}
