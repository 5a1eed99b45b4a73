package io.millrace.stack;

import io.millrace.stack.iface.LinkLimits;
import io.millrace.stack.iface.fragment.ReassemblyLimits;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import java.util.function.Consumer;

/**
 * How a stack is made. {@link #defaults()} suits a server; each {@code with} method returns a changed copy.
 *
 * @param entropy where unpredictable numbers come from; a seeded source makes a stack repeat itself
 * @param limits bounds of what each interface holds
 * @param receiveBurst most packets that one poll takes from an interface, 1 to 512
 * @param icmpErrorsPerSecond most ICMP errors sent each second, at least 1; a quarter of this and what follows to one
 *     source
 * @param icmpErrorBurst most ICMP errors sent at once, at least 1
 * @param echoRepliesPerSecond most echo requests answered each second, at least 1, a quarter of that to one source
 * @param timestampReplies whether ICMP timestamp requests (RFC 1122 section 3.2.2.8) are answered, as often as echo
 *     requests, with the stack's own time, marked as non-standard; off unless set, since it shows strangers our clock
 * @param udpQueuePackets most datagrams that wait for a UDP socket without a handler, 1 to 65,535, unless its {@link
 *     io.millrace.stack.socket.udp.UdpConfig} says otherwise
 * @param largePackets most datagrams, sent or received, that are longer than a buffer of the pool and held at the same
 *     time, 1 to 65,535; they take 64 KiB each, all together when the first one is needed
 * @param reassembly bounds of what is held of fragments
 * @param flowLabels whether flows of IPv6 carry labels (RFC 6437) where sockets do not say otherwise
 * @param tcp everything about TCP
 * @param failures gets what handlers throw, and what should never be thrown; called on the stack's thread
 */
public record StackConfig(
        Entropy entropy,
        LinkLimits limits,
        int receiveBurst,
        int icmpErrorsPerSecond,
        int icmpErrorBurst,
        int echoRepliesPerSecond,
        boolean timestampReplies,
        int udpQueuePackets,
        int largePackets,
        ReassemblyLimits reassembly,
        boolean flowLabels,
        TcpConfig tcp,
        Consumer<Throwable> failures) {
    private static final int MAX_BURST = 512;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public StackConfig {
        inRange(1, MAX_BURST, receiveBurst, "receiveBurst");
        inRange(1, Integer.MAX_VALUE, icmpErrorsPerSecond, "icmpErrorsPerSecond");
        inRange(1, Integer.MAX_VALUE, icmpErrorBurst, "icmpErrorBurst");
        inRange(1, Integer.MAX_VALUE, echoRepliesPerSecond, "echoRepliesPerSecond");
        inRange(1, 0xFFFF, udpQueuePackets, "udpQueuePackets");
        inRange(1, 0xFFFF, largePackets, "largePackets");
    }

    /** Entropy of the system, limits for a server of a few thousand neighbours. */
    public static StackConfig defaults() {
        return new StackConfig(
                Entropy.secure(),
                new LinkLimits(1024, 128, 1024, 1024),
                64,
                1_000,
                50,
                100_000,
                false,
                64,
                32,
                ReassemblyLimits.defaults(),
                true,
                TcpConfig.defaults(),
                StackConfig::log);
    }

    /** The same with another source of unpredictable numbers. */
    public StackConfig withEntropy(final Entropy newEntropy) {
        return with(parts -> parts.entropy = newEntropy);
    }

    /**
     * The same for one of several stacks that look like one host: a source of numbers of its own, which shares what
     * must be the host's, and its part of what the host may answer in all. Once for each stack, from one thread.
     *
     * @param stacks how many there may be
     */
    public StackConfig forOneOf(final int stacks) {
        return with(parts -> {
            parts.entropy = entropy.split();
            parts.icmpErrorsPerSecond = Math.ceilDiv(icmpErrorsPerSecond, stacks);
            parts.icmpErrorBurst = Math.ceilDiv(icmpErrorBurst, stacks);
            parts.echoRepliesPerSecond = Math.ceilDiv(echoRepliesPerSecond, stacks);
        });
    }

    /** The same with other bounds for interfaces. */
    public StackConfig withLimits(final LinkLimits newLimits) {
        return with(parts -> parts.limits = newLimits);
    }

    /** The same with other limits of what is answered. */
    public StackConfig withIcmpLimits(final int errorsPerSecond, final int errorBurst, final int repliesPerSecond) {
        return with(parts -> {
            parts.icmpErrorsPerSecond = errorsPerSecond;
            parts.icmpErrorBurst = errorBurst;
            parts.echoRepliesPerSecond = repliesPerSecond;
        });
    }

    /** The same with or without answers to ICMP timestamp requests. */
    public StackConfig withTimestampReplies(final boolean newTimestampReplies) {
        return with(parts -> parts.timestampReplies = newTimestampReplies);
    }

    /** The same with another receiver of exceptions. */
    public StackConfig withFailures(final Consumer<Throwable> newFailures) {
        return with(parts -> parts.failures = newFailures);
    }

    /** The same with other settings of TCP. */
    public StackConfig withTcp(final TcpConfig newTcp) {
        return with(parts -> parts.tcp = newTcp);
    }

    /** The same with or without labels for flows of IPv6. */
    public StackConfig withFlowLabels(final boolean newFlowLabels) {
        return with(parts -> parts.flowLabels = newFlowLabels);
    }

    /**
     * The same with other bounds for datagrams that are longer than a buffer of the pool, or come in fragments.
     *
     * @param newLargePackets most long datagrams that are held at the same time
     * @param newReassembly bounds of what is held of fragments
     */
    public StackConfig withFragments(final int newLargePackets, final ReassemblyLimits newReassembly) {
        return with(parts -> {
            parts.largePackets = newLargePackets;
            parts.reassembly = newReassembly;
        });
    }

    private StackConfig with(final Consumer<Parts> change) {
        final Parts parts = new Parts(this);
        change.accept(parts);
        return parts.whole();
    }

    /** A configuration in the making: what one method changes, and the rest as it was. */
    private static final class Parts {
        private Entropy entropy;
        private LinkLimits limits;
        private int receiveBurst;
        private int icmpErrorsPerSecond;
        private int icmpErrorBurst;
        private int echoRepliesPerSecond;
        private boolean timestampReplies;
        private int udpQueuePackets;
        private int largePackets;
        private ReassemblyLimits reassembly;
        private boolean flowLabels;
        private TcpConfig tcp;
        private Consumer<Throwable> failures;

        Parts(final StackConfig from) {
            entropy = from.entropy;
            limits = from.limits;
            receiveBurst = from.receiveBurst;
            icmpErrorsPerSecond = from.icmpErrorsPerSecond;
            icmpErrorBurst = from.icmpErrorBurst;
            echoRepliesPerSecond = from.echoRepliesPerSecond;
            timestampReplies = from.timestampReplies;
            udpQueuePackets = from.udpQueuePackets;
            largePackets = from.largePackets;
            reassembly = from.reassembly;
            flowLabels = from.flowLabels;
            tcp = from.tcp;
            failures = from.failures;
        }

        StackConfig whole() {
            return new StackConfig(
                    entropy,
                    limits,
                    receiveBurst,
                    icmpErrorsPerSecond,
                    icmpErrorBurst,
                    echoRepliesPerSecond,
                    timestampReplies,
                    udpQueuePackets,
                    largePackets,
                    reassembly,
                    flowLabels,
                    tcp,
                    failures);
        }
    }

    private static void log(final Throwable failure) {
        System.getLogger(Stack.class.getName()).log(System.Logger.Level.ERROR, "exception within a poll", failure);
    }

    private static void inRange(final int least, final int most, final int value, final String name) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it is " + least + " to " + most);
        }
    }
}
