package io.millrace.stack.socket;

/** Hears that a packet left; see {@link IpOutput#watch}. */
@FunctionalInterface
public interface TransmitWatcher {
    /**
     * The port took the packet, or, if it is for ourselves, nothing had to. Called while packets are sent: it may note that,
     * and no more.
     *
     * @param first as given to {@link IpOutput#watch}
     * @param end as given to {@link IpOutput#watch}
     * @param now microseconds
     */
    void onTransmitted(long first, long end, long now);
}
