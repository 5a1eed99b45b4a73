package io.millrace.stack.iface.forward;

/**
 * Whether and how a stack forwards packets between its interfaces.
 *
 * @param enabled whether it does at all
 * @param reversePath how sources are checked
 * @param redirectsPerSecond most redirects sent each second to neighbours that should not have asked us (RFC 792, RFC
 *     4861 section 8.2); 0 sends none
 */
public record ForwardingRules(boolean enabled, ReversePath reversePath, int redirectsPerSecond) {
    /** A host: nothing is forwarded. */
    public static final ForwardingRules OFF = new ForwardingRules(false, ReversePath.OFF, 0);

    /** A router that believes every source and sends up to 10 redirects each second. */
    public static final ForwardingRules ROUTER = new ForwardingRules(true, ReversePath.OFF, 10);

    /**
     * Checks the limit.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public ForwardingRules {
        if (redirectsPerSecond < 0) {
            throw new IllegalArgumentException("redirectsPerSecond is " + redirectsPerSecond + "; it is 0 or more");
        }
    }

    /** The same with another check of sources. */
    public ForwardingRules withReversePath(final ReversePath newReversePath) {
        return new ForwardingRules(enabled, newReversePath, redirectsPerSecond);
    }

    /** The same with another limit of redirects. */
    public ForwardingRules withRedirectsPerSecond(final int newLimit) {
        return new ForwardingRules(enabled, reversePath, newLimit);
    }
}
