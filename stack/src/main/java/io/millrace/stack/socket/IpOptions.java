package io.millrace.stack.socket;

import io.millrace.stack.wire.IpRepr;

/**
 * What the IP headers say of all that a socket sends, whatever its protocol: the options that other systems have at the
 * levels of IP. Each setter returns the options, for the next one.
 *
 * <p>Not thread-safe: all calls on the thread that polls the stack.
 *
 * @param <S> the options of the protocol
 */
public abstract class IpOptions<S extends IpOptions<S>> {
    private static final int MAX_FLOW_LABEL = 0xF_FFFF;

    private int hopLimit;
    private int trafficClass;
    private int flowLabel = IpRepr.AUTO_FLOW_LABEL;

    /** The defaults, but for the hop limit. */
    protected IpOptions(final int hopLimit) {
        this.hopLimit = hopLimit;
    }

    /** These options, as what they are. */
    protected abstract S self();

    /** Takes over what other options say. */
    protected final void copy(final S other) {
        final IpOptions<S> from = other;
        hopLimit = from.hopLimit;
        trafficClass = from.trafficClass;
        flowLabel = from.flowLabel;
    }

    /** IP_TTL, IPV6_UNICAST_HOPS: TTL or hop limit of what is sent to one host; 64 unless set. */
    public final int hopLimit() {
        return hopLimit;
    }

    /**
     * Sets {@link #hopLimit()}.
     *
     * @throws IllegalArgumentException if it is not 1 to 255
     */
    public final S hopLimit(final int limit) {
        hopLimit = inRange("hop limit", 1, limit);
        return self();
    }

    /** IP_TOS, IPV6_TCLASS: DSCP (upper 6 bits) and ECN (lower 2 bits, which TCP sets itself) of what is sent; 0 unless set. */
    public final int trafficClass() {
        return trafficClass;
    }

    /**
     * Sets {@link #trafficClass()}.
     *
     * @throws IllegalArgumentException if it is not 0 to 255
     */
    public final S trafficClass(final int value) {
        trafficClass = inRange("traffic class", 0, value);
        return self();
    }

    /**
     * IPV6_AUTOFLOWLABEL: the flow label of what is sent over IPv6 (RFC 6437). {@link IpRepr#AUTO_FLOW_LABEL}, unless set,
     * lets the stack choose one for each flow if its configuration says so.
     */
    public final int flowLabel() {
        return flowLabel;
    }

    /**
     * Sets {@link #flowLabel()}: 1 to 1,048,575, 0 for none, or {@link IpRepr#AUTO_FLOW_LABEL}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public final S flowLabel(final int label) {
        flowLabel = flowLabelInRange(label);
        return self();
    }

    static int flowLabelInRange(final int label) {
        if (label < IpRepr.AUTO_FLOW_LABEL || label > MAX_FLOW_LABEL) {
            throw new IllegalArgumentException(
                    "flow label " + label + "; it is 0 to " + MAX_FLOW_LABEL + ", or -1 to let the stack choose");
        }
        return label;
    }

    static int inRange(final String what, final int least, final int value) {
        if (value < least || value > 255) {
            throw new IllegalArgumentException(what + " " + value + "; it is " + least + " to 255");
        }
        return value;
    }
}
