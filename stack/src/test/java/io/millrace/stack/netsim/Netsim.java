package io.millrace.stack.netsim;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.Arena;
import java.util.Arrays;

/** The two experiments of the reference. */
final class Netsim {
    /** Bytes that each flow of {@link #single} transfers. */
    static final long SINGLE_BYTES = 10L * 1024 * 1024;

    private static final long RTT = 100_000;

    private Netsim() {}

    /**
     * What an experiment shows.
     *
     * @param throughput of all flows, bytes per second
     * @param least of a flow, bytes per second
     * @param most of a flow, bytes per second
     * @param fairness Jain's index, 1 if all flows got the same
     * @param drops share of packets that the queue had no room for
     */
    record Result(double throughput, double least, double most, double fairness, double drops) {}

    /** One flow, round trip 100 ms, a link of any rate, losses both ways. */
    static Result single(final CongestionAlgorithm algorithm, final int buffer, final double loss, final long bytes) {
        return single(config(algorithm, buffer), loss, bytes);
    }

    /** The same, with any configuration. */
    static Result single(final TcpConfig config, final double loss, final long bytes) {
        final Bottleneck forth = new Bottleneck(Bottleneck.UNLIMITED, Bottleneck.UNLIMITED);
        final Bottleneck back = new Bottleneck(Bottleneck.UNLIMITED, Bottleneck.UNLIMITED);
        final PoolWatch pools = new PoolWatch();
        final PacketPool pool = pools.pool(4096);
        try (Arena arena = Arena.ofConfined()) {
            final PoolCache cache = pools.cache(pool);
            final Lane fromA = new Lane(forth, cache, ChaChaRandom.ofSeed(0), RTT / 2, loss);
            final Lane fromB = new Lane(back, cache, ChaChaRandom.ofSeed(1), RTT / 2, loss);
            final Flow[] flows = {new Flow(arena, 1, fromA, fromB, cache, config)};
            final Result result = run(flows, bytes, forth, back);
            pools.assertFull();
            return result;
        } finally {
            pool.close();
        }
    }

    /** Several flows of 2 MiB, round trips of 50 to 150 ms, sharing 200 Mbit/s behind a queue of 64 KiB. */
    static Result shared(final CongestionAlgorithm algorithm, final int count) {
        return shared(algorithm, count, 0);
    }

    /**
     * The same with other draws.
     *
     * @param seed of the delays; the reference has 0
     */
    static Result shared(final CongestionAlgorithm algorithm, final int count, final long seed) {
        final Bottleneck forth = new Bottleneck(25_000_000, 64 * 1024);
        final Bottleneck back = new Bottleneck(25_000_000, 64 * 1024);
        final PoolWatch pools = new PoolWatch();
        final PacketPool pool = pools.pool(16_384);
        try (Arena arena = Arena.ofConfined()) {
            final PoolCache cache = pools.cache(pool);
            final Flow[] flows = new Flow[count];
            for (int i = 0; i < count; i++) {
                flows[i] = new Flow(
                        arena,
                        2 * i + 1,
                        lane(forth, cache, seed + 2L * i),
                        lane(back, cache, seed + 2L * i + 1),
                        cache,
                        config(algorithm, 256 * 1024));
            }
            final Result result = run(flows, 2 * 1024 * 1024, forth, back);
            pools.assertFull();
            return result;
        } finally {
            pool.close();
        }
    }

    private static Lane lane(final Bottleneck link, final PoolCache cache, final long seed) {
        final ChaChaRandom random = ChaChaRandom.ofSeed(seed);
        final long millis = (long) (RTT / 1000 * random.nextBetween(0.5, 1.5));
        return new Lane(link, cache, random, millis * 1000 / 2, 0);
    }

    private static TcpConfig config(final CongestionAlgorithm algorithm, final int buffer) {
        return TcpConfig.builder()
                .congestionControl(algorithm)
                .sendBuffer(buffer)
                .receiveBuffer(buffer)
                .bufferMemory(4 * 1024 * 1024)
                .chunkSize(Math.clamp(Integer.highestOneBit(buffer), 64, 4096))
                .expectedConnections(4)
                .synRetries(100)
                .dataRetries(100) // the reference never gives up; of 80,000 segments some are lost 15 times
                .build();
    }

    private static Result run(final Flow[] flows, final long target, final Bottleneck forth, final Bottleneck back) {
        final long[] due = new long[flows.length];
        long now = 0;
        while (true) {
            long next = Long.MAX_VALUE;
            for (int i = 0; i < flows.length; i++) {
                if (due[i] <= now) {
                    flows[i].run(now);
                    due[i] = flows[i].nextEvent(now);
                }
                next = Math.min(next, due[i]);
            }
            if (Arrays.stream(flows).allMatch(flow -> flow.received >= target)) {
                break;
            }
            if (next == Long.MAX_VALUE) {
                throw new AssertionError("nothing will happen any more after " + now + " us: " + flows[0]);
            }
            now = Math.max(now, next);
        }
        double sum = 0;
        double squares = 0;
        double least = Double.MAX_VALUE;
        double most = 0;
        for (final Flow flow : flows) {
            sum += flow.received;
            squares += (double) flow.received * flow.received;
            least = Math.min(least, (double) flow.received);
            most = Math.max(most, (double) flow.received);
            flow.close();
        }
        final double seconds = now / 1e6;
        return new Result(
                sum / seconds,
                least / seconds,
                most / seconds,
                sum * sum / (flows.length * squares),
                (double) (forth.drops() + back.drops()) / (forth.packets() + back.packets()));
    }
}
