package io.millrace.bench.soak;

import java.util.Map;

/**
 * What a soak did.
 *
 * @param made packets that were made and given to the first port
 * @param arrived packets that came through the second port in the end
 * @param refused packets that were made while a port had no room for them
 * @param counters what ports, faults and nodes counted, by name
 * @param seconds how long it took
 * @param buffers in the pool
 * @param outstanding buffers that did not come back
 */
record SoakResult(
        long made,
        long arrived,
        long refused,
        Map<String, Long> counters,
        double seconds,
        int buffers,
        int outstanding) {
    /** Whether every buffer is back. */
    public boolean clean() {
        return outstanding == 0;
    }
}
