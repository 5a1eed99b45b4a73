package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.util.SplittableRandom;

/** What both ends of a {@link PromiseRound} are like: drawn from its seed. */
final class PromiseCase {
    private static final int[] BUFFERS = {1, 7, 100, 1000, 1461, 4096, 8191, 16_384, 50_001, 65_535, 200_000};
    private static final int[] SEGMENTS = {88, 89, 536, 1000, 1460, 1460, 1460};
    /** So many segments of the peer at most, and so many buffers. */
    private static final int MOST = 40;

    final long seed;
    final boolean passive;
    final int receiveBuffer;
    final int sendBuffer;
    final long bufferMemory;
    final boolean plentiful;
    final int delayedAck;
    /** The peer's MSS option; {@link Seg#UNSET} for none. */
    final int peerMss;
    /** The peer's shift; {@link Seg#UNSET} for none. */
    final int peerShift;

    final boolean peerSack;
    final boolean peerTimestamps;
    final int peerIss;
    /** Bytes that the peer has to say. */
    final int toReceive;
    /** Bytes that the application has to say. */
    final int toSend;

    /** The application reads nothing until both ends behave. */
    final boolean sleepy;

    /** The peer sends next to nothing at once, so that windows get lost in rounding. */
    final boolean nibbles;

    final long start;
    final TcpConfig config;

    PromiseCase(final long seed, final SplittableRandom random) {
        this.seed = seed;
        passive = random.nextInt(3) > 0;
        sleepy = random.nextInt(3) == 0;
        nibbles = random.nextInt(8) == 0;
        receiveBuffer = nibbles ? 1000 : BUFFERS[random.nextInt(BUFFERS.length)];
        sendBuffer = BUFFERS[random.nextInt(2, BUFFERS.length)];
        plentiful = random.nextInt(4) > 0;
        bufferMemory = plentiful ? 1 << 20 : 16L * 256 + 256L * random.nextInt(100);
        delayedAck = random.nextInt(5) == 0 ? 0 : random.nextInt(1_000, 200_000);
        peerMss = random.nextInt(8) == 0 ? Seg.UNSET : SEGMENTS[random.nextInt(SEGMENTS.length)];
        peerShift = random.nextInt(3) == 0 ? Seg.UNSET : random.nextInt(15);
        peerSack = random.nextInt(3) > 0;
        peerTimestamps = random.nextBoolean();
        peerIss = random.nextBoolean() ? random.nextInt() : -random.nextInt(20_000) ^ (random.nextInt(2) << 31);
        toReceive = Math.min(MOST * Math.min(receiveBuffer, segment()), 1 + random.nextInt(60_000));
        toSend = 1 + random.nextInt(60_000);
        // Of the kinds of numbers that wrap.
        start = 1_000_000 + random.nextLong(20_000_000_000L);
        final int receiveLimit = random.nextBoolean()
                ? receiveBuffer
                : Math.max(receiveBuffer, 64 << random.nextInt(nibbles ? 12 : 0, 18));
        config = TcpConfig.builder()
                .timestamps(random.nextInt(3) > 0)
                .sack(random.nextInt(4) > 0)
                .windowScaling(random.nextInt(3) > 0)
                .quickAcks(random.nextInt(3) == 0 ? 16 : 0)
                .synCookies(CookieMode.OFF)
                .noDelay(random.nextBoolean())
                .delayedAck(delayedAck)
                .congestionControl(CongestionAlgorithm.values()[random.nextInt(CongestionAlgorithm.values().length)])
                .pacing(random.nextInt(3) > 0)
                .maxRto(PromiseRound.MAX_RTO)
                .dataRetries(100)
                .finWait2(0)
                .timeWait(3_600_000_000L)
                .chunkSize(256)
                .bufferMemory(bufferMemory)
                .receiveBuffer(receiveBuffer)
                .receiveBufferLimit(receiveLimit)
                .sendBuffer(sendBuffer)
                .sendBufferLimit(sendBuffer * (random.nextBoolean() ? 1 : 4))
                .reassemblyRanges(random.nextInt(4) == 0 ? 4 : 128)
                .build();
    }

    /** Bytes of a full segment of the peer's. */
    int segment() {
        return peerMss == Seg.UNSET ? 536 : peerMss;
    }

    /** The segment that the peer begins with, or answers our SYN with. */
    Seg offer(final Seg first, final int window) {
        if (peerMss != Seg.UNSET) {
            first.mss(peerMss);
        }
        if (peerShift != Seg.UNSET) {
            first.ws(peerShift);
        }
        return first.sackOk(peerSack).win(window);
    }

    @Override
    public String toString() {
        return (passive ? "passive" : "active") + ", buffers " + receiveBuffer + " and " + sendBuffer + ", limits "
                + config.buffers().receiveBufferLimit() + " and "
                + config.buffers().sendBufferLimit() + ", memory "
                + bufferMemory + ", delayed ack " + delayedAck + ", peer's mss " + peerMss + " shift " + peerShift
                + " sack " + peerSack + " timestamps " + peerTimestamps + ", bytes " + toReceive + " and " + toSend
                + (nibbles ? ", nibbles" : "") + (sleepy ? ", sleepy" : "") + ", " + config.features();
    }
}
