package io.millrace.bench.jmh;

import io.millrace.dataplane.port.DelayLine;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A packet into a delay line and one out of it, with as many waiting, as under a faulty port or on a simulated wire. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DelayLineBenchmark {
    private static final int DELAYS = 1 << 16;

    /** Packets that wait. */
    @Param({"16", "256", "4000"})
    public int waiting;

    /** Microseconds by which delays differ, beside a packet each microsecond: 0 keeps the order. */
    @Param({"0", "4000"})
    public int jitter;

    private final DelayLine line = new DelayLine(4_096);
    private final int[] delays = new int[DELAYS];
    private long now;

    /** Fills the line. */
    @Setup
    public void fill() {
        final SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < DELAYS; i++) {
            delays[i] = 4_000 + random.nextInt(jitter + 1);
        }
        while (line.size() < waiting) {
            add();
        }
    }

    /** One in, one out. */
    @Benchmark
    public long pass() {
        add();
        return line.removeFirst();
    }

    private void add() {
        line.add(now, now + delays[(int) (now & DELAYS - 1)]);
        now++;
    }
}
