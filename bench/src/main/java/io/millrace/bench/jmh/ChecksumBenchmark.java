package io.millrace.bench.jmh;

import io.millrace.bench.checksum.ChecksumPackets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The internet checksum of a packet (RFC 1071); {@code millrace bench checksum} measures it beside DPDK's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChecksumBenchmark {
    /** Bytes of each packet. */
    @Param({"20", "64", "256", "1460", "9000"})
    public int length;

    private final ChecksumPackets packets = new ChecksumPackets();

    /** Sums each of the packets once. */
    @Benchmark
    @OperationsPerInvocation(ChecksumPackets.COUNT)
    public long sum() {
        return packets.sum(ChecksumPackets.COUNT, length);
    }
}
