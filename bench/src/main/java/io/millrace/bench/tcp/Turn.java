package io.millrace.bench.tcp;

import com.sun.management.ThreadMXBean;
import io.millrace.stack.Stack;
import java.lang.management.ManagementFactory;

/**
 * A turn in which one thread polls two stacks, each as often as the other.
 *
 * @param nanos how long it was
 * @param cpuNanos the thread's processor time in it
 * @param allocated bytes that the thread allocated in it
 */
record Turn(long nanos, long cpuNanos, long allocated) {
    /** Takes a turn of so many nanoseconds, or a little more. */
    static Turn of(final Stack first, final Stack second, final long nanos) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long allocatedBefore = threads.getCurrentThreadAllocatedBytes();
        final long cpuBefore = threads.getCurrentThreadCpuTime();
        final long start = System.nanoTime();
        long now = start;
        while (now - start < nanos) {
            final long micros = now / 1000;
            first.poll(micros);
            second.poll(micros);
            now = System.nanoTime();
        }
        final long allocated = threads.getCurrentThreadAllocatedBytes() - allocatedBefore;
        return new Turn(now - start, threads.getCurrentThreadCpuTime() - cpuBefore, allocated);
    }
}
