package io.millrace.stack.socket.tcp.config;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.function.UnaryOperator;

/**
 * Makes a {@link TcpConfig}: sets some values and leaves the others at their defaults. Each method is named after what
 * it sets. Times are microseconds, sizes bytes. For one thread; what it makes is immutable.
 *
 * <pre>{@code
 * TcpConfig config = TcpConfig.builder().congestionControl(CongestionAlgorithm.BBR).minRto(50_000).build();
 * }</pre>
 */
public final class TcpConfigBuilder {
    // Buffers.
    private int sendBuffer = 256 * 1024;
    private int sendBufferLimit = 4 * 1024 * 1024;
    private int receiveBuffer = 256 * 1024;
    private int receiveBufferLimit = 6 * 1024 * 1024;
    private int notSentLowWater = 1 << 30;
    private long bufferMemory = 64L * 1024 * 1024;
    private int chunkSize = 8 * 1024;

    // Timeouts.
    private int minRto = 200_000;
    private int initialRto = 1_000_000;
    private int maxRto = 60_000_000;
    private int synRetries = 7;
    private int linearSynTimeouts = 0;
    private int synAckRetries = 5;
    private int dataRetries = 15;
    private int delayedAck = 40_000;
    private int quickAcks = 16;
    private long userTimeout = 0;
    private long keepAliveIdle = 0;
    private long keepAliveInterval = 75_000_000;
    private int keepAliveProbes = 9;
    private long mtuProbeInterval = 600_000_000;
    private long timeWait = 60_000_000;
    private long finWait2 = 60_000_000;
    private long connectTimeout = 0;

    // Features.
    private CongestionAlgorithm congestionControl = CongestionAlgorithm.CUBIC;
    private boolean pacing = true;
    private boolean noDelay = false;
    private boolean timestamps = true;
    private boolean sack = true;
    private boolean tailLossProbes = true;
    private boolean windowScaling = true;
    private EcnMode ecn = EcnMode.ACCEPT;
    private boolean accurateEcnOption = true;
    private int ecnSynRetries = 0;
    private boolean ecnChecks = true;
    private CookieMode synCookies = CookieMode.WHEN_FULL;
    private MtuProbing mtuProbing = MtuProbing.BLACK_HOLE;
    private int baseMtu = 1280;
    private int minMss = 88;
    private int maxMss = 65_495;
    private int hopLimit = 64;
    private int burst = 32;
    private TcpRuns runs = TcpRuns.ON;

    // Limits.
    private int expectedConnections = 1024;
    private int maxConnections = 1_000_000;
    private int firstEphemeralPort = 49_152;
    private int lastEphemeralPort = 65_535;
    private int maxTimeWait = 131_072;
    private int synBacklog = 1024;
    private int reassemblyRanges = 128;
    private int challengeAcks = 10;
    private int resetsPerSecond = 4000;

    private TcpFastOpen fastOpen = TcpFastOpen.defaults();
    private TcpCustoms customs = TcpCustoms.STANDARD;
    private UdpEncapsulation udpEncapsulation = UdpEncapsulation.NONE;

    TcpConfigBuilder() {}

    /** Sets {@link TcpBuffers#sendBuffer()}, which then does not grow unless a limit is set after it. */
    public TcpConfigBuilder sendBuffer(final int value) {
        sendBuffer = value;
        sendBufferLimit = value;
        return this;
    }

    /** Sets {@link TcpBuffers#sendBufferLimit()}. */
    public TcpConfigBuilder sendBufferLimit(final int value) {
        sendBufferLimit = value;
        return this;
    }

    /** Sets {@link TcpBuffers#receiveBuffer()}, which then does not grow unless a limit is set after it. */
    public TcpConfigBuilder receiveBuffer(final int value) {
        receiveBuffer = value;
        receiveBufferLimit = value;
        return this;
    }

    /** Sets {@link TcpBuffers#receiveBufferLimit()}. */
    public TcpConfigBuilder receiveBufferLimit(final int value) {
        receiveBufferLimit = value;
        return this;
    }

    /** Sets {@link TcpBuffers#notSentLowWater()}. */
    public TcpConfigBuilder notSentLowWater(final int value) {
        notSentLowWater = value;
        return this;
    }

    /** Sets {@link TcpBuffers#bufferMemory()}. */
    public TcpConfigBuilder bufferMemory(final long value) {
        bufferMemory = value;
        return this;
    }

    /** Sets {@link TcpBuffers#chunkSize()}. */
    public TcpConfigBuilder chunkSize(final int value) {
        chunkSize = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#minRto()}. */
    public TcpConfigBuilder minRto(final int value) {
        minRto = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#initialRto()}. */
    public TcpConfigBuilder initialRto(final int value) {
        initialRto = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#maxRto()}. */
    public TcpConfigBuilder maxRto(final int value) {
        maxRto = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#synRetries()}. */
    public TcpConfigBuilder synRetries(final int value) {
        synRetries = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#linearSynTimeouts()}. */
    public TcpConfigBuilder linearSynTimeouts(final int value) {
        linearSynTimeouts = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#synAckRetries()}. */
    public TcpConfigBuilder synAckRetries(final int value) {
        synAckRetries = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#dataRetries()}. */
    public TcpConfigBuilder dataRetries(final int value) {
        dataRetries = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#delayedAck()}. */
    public TcpConfigBuilder delayedAck(final int value) {
        delayedAck = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#quickAcks()}. */
    public TcpConfigBuilder quickAcks(final int value) {
        quickAcks = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#userTimeout()}. */
    public TcpConfigBuilder userTimeout(final long value) {
        userTimeout = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#keepAliveIdle()}. */
    public TcpConfigBuilder keepAliveIdle(final long value) {
        keepAliveIdle = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#keepAliveInterval()}. */
    public TcpConfigBuilder keepAliveInterval(final long value) {
        keepAliveInterval = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#keepAliveProbes()}. */
    public TcpConfigBuilder keepAliveProbes(final int value) {
        keepAliveProbes = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#mtuProbeInterval()}. */
    public TcpConfigBuilder mtuProbeInterval(final long value) {
        mtuProbeInterval = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#timeWait()}. */
    public TcpConfigBuilder timeWait(final long value) {
        timeWait = value;
        return this;
    }

    /** Sets {@link TcpTimeouts#connect()}. */
    public TcpConfigBuilder connectTimeout(final long micros) {
        connectTimeout = micros;
        return this;
    }

    /** Sets {@link TcpTimeouts#finWait2()}. */
    public TcpConfigBuilder finWait2(final long value) {
        finWait2 = value;
        return this;
    }

    /** Sets {@link TcpFeatures#congestionControl()}. */
    public TcpConfigBuilder congestionControl(final CongestionAlgorithm value) {
        congestionControl = value;
        return this;
    }

    /** Sets {@link TcpFeatures#pacing()}. */
    public TcpConfigBuilder pacing(final boolean value) {
        pacing = value;
        return this;
    }

    /** Sets {@link TcpFeatures#noDelay()}. */
    public TcpConfigBuilder noDelay(final boolean value) {
        noDelay = value;
        return this;
    }

    /** Sets {@link TcpFeatures#timestamps()}. */
    public TcpConfigBuilder timestamps(final boolean value) {
        timestamps = value;
        return this;
    }

    /** Sets {@link TcpFeatures#sack()}. */
    public TcpConfigBuilder sack(final boolean value) {
        sack = value;
        return this;
    }

    /** Sets {@link TcpFeatures#tailLossProbes()}. */
    public TcpConfigBuilder tailLossProbes(final boolean value) {
        tailLossProbes = value;
        return this;
    }

    /** Sets {@link TcpFeatures#windowScaling()}. */
    public TcpConfigBuilder windowScaling(final boolean value) {
        windowScaling = value;
        return this;
    }

    /** Sets {@link TcpFeatures#ecn()}. */
    public TcpConfigBuilder ecn(final EcnMode value) {
        ecn = value;
        return this;
    }

    /** Sets {@link TcpFeatures#accurateEcnOption()}. */
    public TcpConfigBuilder accurateEcnOption(final boolean value) {
        accurateEcnOption = value;
        return this;
    }

    /** Sets {@link TcpFeatures#ecnSynRetries()}. */
    public TcpConfigBuilder ecnSynRetries(final int value) {
        ecnSynRetries = value;
        return this;
    }

    /** Sets {@link TcpFeatures#ecnChecks()}. */
    public TcpConfigBuilder ecnChecks(final boolean value) {
        ecnChecks = value;
        return this;
    }

    /** Sets {@link TcpFeatures#synCookies()}. */
    public TcpConfigBuilder synCookies(final CookieMode value) {
        synCookies = value;
        return this;
    }

    /** Sets {@link TcpFeatures#mtuProbing()}. */
    public TcpConfigBuilder mtuProbing(final MtuProbing value) {
        mtuProbing = value;
        return this;
    }

    /** Sets {@link TcpFeatures#baseMtu()}. */
    public TcpConfigBuilder baseMtu(final int value) {
        baseMtu = value;
        return this;
    }

    /** Sets {@link TcpFeatures#minMss()}. */
    public TcpConfigBuilder minMss(final int value) {
        minMss = value;
        return this;
    }

    /** Sets {@link TcpFeatures#maxMss()}. */
    public TcpConfigBuilder maxMss(final int value) {
        maxMss = value;
        return this;
    }

    /** Sets {@link TcpFeatures#hopLimit()}. */
    public TcpConfigBuilder hopLimit(final int value) {
        hopLimit = value;
        return this;
    }

    /** Sets {@link TcpFeatures#burst()}. */
    public TcpConfigBuilder burst(final int value) {
        burst = value;
        return this;
    }

    /** Sets {@link TcpFeatures#runs()}. */
    public TcpConfigBuilder runs(final TcpRuns value) {
        runs = value;
        return this;
    }

    /** Sets {@link TcpConfig#customs()}. */
    public TcpConfigBuilder customs(final TcpCustoms value) {
        customs = value;
        return this;
    }

    /** Sets {@link TcpLimits#expectedConnections()}. */
    public TcpConfigBuilder expectedConnections(final int value) {
        expectedConnections = value;
        return this;
    }

    /** Sets {@link TcpLimits#maxConnections()}. */
    public TcpConfigBuilder maxConnections(final int value) {
        maxConnections = value;
        return this;
    }

    /** Sets {@link TcpLimits#firstEphemeralPort()}. */
    public TcpConfigBuilder firstEphemeralPort(final int value) {
        firstEphemeralPort = value;
        return this;
    }

    /** Sets {@link TcpLimits#lastEphemeralPort()}. */
    public TcpConfigBuilder lastEphemeralPort(final int value) {
        lastEphemeralPort = value;
        return this;
    }

    /** Sets {@link TcpLimits#maxTimeWait()}. */
    public TcpConfigBuilder maxTimeWait(final int value) {
        maxTimeWait = value;
        return this;
    }

    /** Sets {@link TcpLimits#synBacklog()}. */
    public TcpConfigBuilder synBacklog(final int value) {
        synBacklog = value;
        return this;
    }

    /** Sets {@link TcpLimits#reassemblyRanges()}. */
    public TcpConfigBuilder reassemblyRanges(final int value) {
        reassemblyRanges = value;
        return this;
    }

    /** Sets {@link TcpLimits#challengeAcks()}. */
    public TcpConfigBuilder challengeAcks(final int value) {
        challengeAcks = value;
        return this;
    }

    /** Sets {@link TcpLimits#resetsPerSecond()}. */
    public TcpConfigBuilder resetsPerSecond(final int value) {
        resetsPerSecond = value;
        return this;
    }

    /** Sets {@link TcpConfig#fastOpen()}. */
    public TcpConfigBuilder fastOpen(final TcpFastOpen value) {
        fastOpen = value;
        return this;
    }

    /** Changes {@link TcpConfig#fastOpen()}. */
    public TcpConfigBuilder fastOpen(final UnaryOperator<TcpFastOpen> change) {
        fastOpen = change.apply(fastOpen);
        return this;
    }

    /** Sets {@link TcpConfig#udpEncapsulation()}. */
    public TcpConfigBuilder udpEncapsulation(final UdpEncapsulation value) {
        udpEncapsulation = value;
        return this;
    }

    /** Changes {@link TcpConfig#udpEncapsulation()}. */
    public TcpConfigBuilder udpEncapsulation(final UnaryOperator<UdpEncapsulation> change) {
        return udpEncapsulation(change.apply(udpEncapsulation));
    }

    /** Sets {@link UdpEncapsulation#port()}, and no more overhead than the UDP header. */
    public TcpConfigBuilder udpEncapsulation(final int port) {
        return udpEncapsulation(new UdpEncapsulation(port, UdpEncapsulation.NONE.overhead()));
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException naming the first value that is out of range
     */
    public TcpConfig build() {
        return new TcpConfig(
                new TcpBuffers(
                        sendBuffer,
                        sendBufferLimit,
                        receiveBuffer,
                        receiveBufferLimit,
                        notSentLowWater,
                        bufferMemory,
                        chunkSize),
                new TcpTimeouts(
                        minRto,
                        initialRto,
                        maxRto,
                        synRetries,
                        linearSynTimeouts,
                        synAckRetries,
                        dataRetries,
                        delayedAck,
                        quickAcks,
                        userTimeout,
                        keepAliveIdle,
                        keepAliveInterval,
                        keepAliveProbes,
                        mtuProbeInterval,
                        timeWait,
                        finWait2,
                        connectTimeout),
                new TcpFeatures(
                        congestionControl,
                        pacing,
                        noDelay,
                        timestamps,
                        sack,
                        tailLossProbes,
                        windowScaling,
                        ecn,
                        accurateEcnOption,
                        ecnSynRetries,
                        ecnChecks,
                        synCookies,
                        mtuProbing,
                        baseMtu,
                        minMss,
                        maxMss,
                        hopLimit,
                        burst,
                        runs),
                new TcpLimits(
                        expectedConnections,
                        maxConnections,
                        firstEphemeralPort,
                        lastEphemeralPort,
                        maxTimeWait,
                        synBacklog,
                        reassemblyRanges,
                        challengeAcks,
                        resetsPerSecond),
                fastOpen,
                customs,
                udpEncapsulation);
    }
}
