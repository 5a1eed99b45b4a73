package io.millrace.stack.pair;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Segmentation;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.StackConfig;
import io.millrace.stack.TwoStacks;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.MtuProbing;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.socket.tcp.config.TcpFastOpen;
import io.millrace.stack.socket.tcp.config.TcpRuns;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What the two ends and the wire of a {@link PairRound} are like: drawn from its seed. */
final class PairCase {
    /** UDP port of both ends. */
    static final int UDP_PORT = 9899;

    private static final int[] MTUS_V4 = {576, 600, 1006, 1280, 1400, 1492, 1500, 1500, 1501, 4352, 9000};
    private static final int[] MTUS_V6 = {1280, 1281, 1400, 1492, 1500, 1500, 1501, 9000};
    private static final int[] BUFFERS = {1, 100, 1000, 1461, 4096, 8191, 16_384, 50_001, 65_535, 200_000};
    private static final long[] LATENCIES = {1, 50, 1_000, 10_000, 30_000, 120_000};
    private static final long[] RATES = {0, 0, 0, 500_000, 2_000_000, 50_000_000};

    /** What signs segments. */
    enum Signing {
        NONE,
        MD5,
        AO
    }

    final long seed;
    final SplittableRandom random;
    final boolean v6;
    final Medium medium;
    final int[] mtus = new int[2];
    final int[] receiveBuffers = new int[2];
    final int[] sendBuffers = new int[2];
    final TcpConfig[] tcp = new TcpConfig[2];
    final @Nullable Segmentation[] offloads = new Segmentation[2];
    final WireConditions[] conditions = new WireConditions[2];
    final int[] packets = new int[2];
    final Signing signing;
    final boolean withinUdp;
    /** The path becomes narrower at times. */
    final boolean narrows;
    /** And nobody is told. */
    final boolean silent;

    final int maxRto;
    final int connections;
    final boolean rude;

    PairCase(final long seed, final SplittableRandom random) {
        this.seed = seed;
        this.random = random;
        v6 = random.nextBoolean();
        // ARP has no checksum, so that a flipped bit leads astray for as long as an entry lives: bits are flipped
        // without.
        medium = random.nextBoolean() ? Medium.IP : Medium.ETHERNET;
        rude = chance(6);
        // Where segments are signed, resets of what is not there any more are not believed.
        signing = !rude && chance(5) ? chance(2) ? Signing.MD5 : Signing.AO : Signing.NONE;
        withinUdp = chance(6);
        narrows = chance(2);
        silent = narrows && (chance(2) || signing == Signing.AO);
        maxRto = random.nextInt(2_000_000, 10_000_000);
        connections = 1 + random.nextInt(random.nextInt(1, 6));
        for (int i = 0; i < 2; i++) {
            mtus[i] = pick(v6 ? MTUS_V6 : MTUS_V4);
            receiveBuffers[i] = pick(BUFFERS);
            sendBuffers[i] = pick(BUFFERS);
            tcp[i] = tcp(receiveBuffers[i], sendBuffers[i]);
            offloads[i] = chance(2) ? chance(3) ? Segmentation.NONE : Segmentation.ALL : null;
            conditions[i] = conditions();
            packets[i] = chance(5) ? 128 : 1024;
        }
    }

    /** Whether something happens that does once in so many times. */
    boolean chance(final int in) {
        return random.nextInt(in) == 0;
    }

    int pick(final int[] values) {
        return values[random.nextInt(values.length)];
    }

    /** The least MTU that the path has at any time. */
    int floor() {
        return v6 ? 1280 : 576;
    }

    private TcpConfig tcp(final int receiveBuffer, final int sendBuffer) {
        final int chunk = 256 << random.nextInt(6);
        final long memory = chance(4) ? chunk * (16L + random.nextInt(100)) : 1 << 21;
        final int initialRto = random.nextInt(200_000, 1_000_001);
        // Who lost a reset hears of it again.
        final boolean keepAlive = rude || chance(3);
        return TcpConfig.builder()
                .sendBuffer(sendBuffer)
                .sendBufferLimit(sendBuffer * (chance(2) ? 1 : 8))
                .receiveBuffer(receiveBuffer)
                .receiveBufferLimit(chance(2) ? receiveBuffer : Math.max(receiveBuffer, 64 << random.nextInt(18)))
                .notSentLowWater(chance(4) ? 1 + random.nextInt(20_000) : 1 << 30)
                .bufferMemory(memory)
                .chunkSize(chunk)
                .minRto(random.nextInt(1_000, 200_001))
                .initialRto(initialRto)
                .maxRto(maxRto)
                .synRetries(100)
                .synAckRetries(100)
                .dataRetries(100)
                .delayedAck(chance(5) ? 0 : random.nextInt(1_000, 500_000))
                .quickAcks(chance(3) ? 0 : random.nextInt(20))
                .keepAliveIdle(keepAlive ? random.nextInt(100_000, 20_000_000) : 0)
                .keepAliveInterval(random.nextInt(4_000_000, 20_000_000))
                .keepAliveProbes(50)
                .mtuProbeInterval(random.nextInt(1_000_000, 60_000_000))
                .timeWait(8L * maxRto + 60_000_000)
                .finWait2(0)
                .congestionControl(CongestionAlgorithm.values()[random.nextInt(CongestionAlgorithm.values().length)])
                .pacing(!chance(3))
                .noDelay(chance(2))
                .timestamps(!chance(3))
                .sack(!chance(4))
                .tailLossProbes(!chance(4))
                .windowScaling(!chance(3))
                .ecn(EcnMode.values()[random.nextInt(EcnMode.values().length)])
                .accurateEcnOption(!chance(4))
                .ecnSynRetries(random.nextInt(3))
                .synCookies(CookieMode.values()[random.nextInt(3)])
                .mtuProbing(MtuProbing.values()[random.nextInt(silent ? 1 : 0, 3)])
                .baseMtu(v6 ? 1280 : 576)
                .maxMss(chance(3) ? random.nextInt(536, 9_000) : 65_495)
                .burst(1 + random.nextInt(40))
                .runs(chance(3) ? TcpRuns.OFF : new TcpRuns(1 + random.nextInt(64), 1 + random.nextInt(64)))
                .synBacklog(1 + random.nextInt(4))
                .reassemblyRanges(chance(4) ? 4 : 128)
                .expectedConnections(8)
                // A neighbour that does not answer during an outage is such an error.
                .customs(
                        chance(3)
                                ? TcpCustoms.LINUX.with(TcpCustom.SOFT_ERRORS_END_ATTEMPTS, false)
                                : TcpCustoms.STANDARD)
                .fastOpen(TcpFastOpen.defaults()
                        .withQueue(chance(2) ? 1 + random.nextInt(4) : 0)
                        .withServerWithoutCookie(chance(2)))
                .udpEncapsulation(
                        withinUdp || chance(8)
                                ? new UdpEncapsulation(UDP_PORT, 8 + random.nextInt(40))
                                : UdpEncapsulation.NONE)
                .build();
    }

    /** Whether bits are flipped on the way. */
    boolean spoils() {
        return medium == Medium.IP;
    }

    /** What the wire does to packets of one direction. */
    WireConditions conditions() {
        return new WireConditions(
                LATENCIES[random.nextInt(LATENCIES.length)],
                RATES[random.nextInt(RATES.length)],
                5 + random.nextInt(200),
                share(),
                share(),
                share(),
                1 + random.nextInt(1 << random.nextInt(1, 18)),
                spoils() ? share() : 0);
    }

    /** Share of packets that a router marks. */
    double marks() {
        return chance(3) ? 0 : random.nextDouble(chance(4) ? 1 : 0.1);
    }

    private double share() {
        return chance(2) ? 0 : random.nextDouble(chance(4) ? 0.3 : 0.03);
    }

    /** One of the two ends. */
    TwoStacks.Half half(final int which, final TwoStacks.Path path) {
        final String address = which == 0
                ? v6 ? TwoStacks.A6 + "/64" : TwoStacks.A4 + "/24"
                : v6 ? TwoStacks.B6 + "/64" : TwoStacks.B4 + "/24";
        return new TwoStacks.Half(
                StackConfig.defaults()
                        .withTcp(tcp[which])
                        .withFailures(TwoStacks::rethrow)
                        .withEntropy(Entropy.seeded(2 * seed + which)),
                InterfaceConfig.of(address).withMtu(mtus[which]),
                conditions[which],
                packets[which],
                offloads[which],
                path);
    }

    /** Bytes that one side of a connection says. */
    int bytes(final int from) {
        final int most = Math.min(sendBuffers[from], receiveBuffers[1 - from]) * 100;
        return 1 + random.nextInt(Math.min(most, chance(6) ? 300_000 : 30_000));
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        text.append(v6 ? "IPv6" : "IPv4").append(" over ").append(medium);
        text.append(", ").append(connections).append(" connections, signed ").append(signing);
        text.append(withinUdp ? ", within UDP" : "")
                .append(narrows ? silent ? ", narrows in silence" : ", narrows" : "");
        text.append(rude ? ", rude" : "").append(", RTO up to ").append(maxRto);
        for (int i = 0; i < 2; i++) {
            text.append('\n').append((char) ('a' + i)).append(": MTU ").append(mtus[i]);
            text.append(", ").append(packets[i]).append(" packets, ").append(offloads[i]);
            text.append(", ").append(conditions[i]).append(", ").append(tcp[i]);
        }
        return text.toString();
    }
}
