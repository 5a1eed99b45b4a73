package io.millrace.stack.socket;

import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * How a datagram socket sends: what its packets' IP headers say, and where they may go. {@link SendOptions} overrides it
 * for one packet. Each setter returns the settings, for the next one.
 *
 * <p>Not thread-safe: all calls on the thread that polls the stack.
 */
public final class SocketSettings extends IpOptions<SocketSettings> {
    /** TTL or hop limit of what is sent to one host (RFC 1340). */
    public static final int DEFAULT_HOP_LIMIT = 64;

    /** TTL or hop limit of what is sent to a group: it does not leave the link (RFC 1112 section 6.1, RFC 3493). */
    public static final int DEFAULT_MULTICAST_HOP_LIMIT = 1;

    private int multicastHopLimit = DEFAULT_MULTICAST_HOP_LIMIT;
    private int interfaceIndex = -1;
    private int multicastInterface = -1;
    private boolean dontFragment;
    private boolean routersMayFragment;
    private boolean broadcast;
    private boolean multicastLoop = true;

    /** The defaults of each setting, which its setter tells. */
    public SocketSettings() {
        super(DEFAULT_HOP_LIMIT);
    }

    @Override
    protected SocketSettings self() {
        return this;
    }

    /**
     * Sets the TTL or hop limit of packets to groups, 1 unless set: they do not leave the link. With 0 they do not even
     * leave this stack.
     *
     * @throws IllegalArgumentException if it is not 0 to 255
     */
    public SocketSettings multicastHopLimit(final int limit) {
        multicastHopLimit = inRange("hop limit", 0, limit);
        return this;
    }

    /** TTL or hop limit of packets to groups. */
    public int multicastHopLimit() {
        return multicastHopLimit;
    }

    /**
     * Sets the interface that packets leave by; -1, unless set, to let routes decide. Packets to groups and to link-local
     * addresses need it when the stack has several interfaces. No other interface takes its place: where no route leads
     * by it, sending says {@link IpOutput#NO_ROUTE}.
     */
    public SocketSettings interfaceIndex(final int index) {
        interfaceIndex = index;
        return this;
    }

    /** The interface that packets leave by; -1 if routes decide. */
    public int interfaceIndex() {
        return interfaceIndex;
    }

    /**
     * Sets the interface that packets to groups leave by unless {@link #interfaceIndex(int)} names one for all packets;
     * -1, unless set, to let routes decide. IP_MULTICAST_IF, IPV6_MULTICAST_IF.
     */
    public SocketSettings multicastInterface(final int index) {
        multicastInterface = index;
        return this;
    }

    /** The interface that packets to groups leave by; -1 if routes decide. */
    public int multicastInterface() {
        return multicastInterface;
    }

    /**
     * Sets whether packets must not be fragmented: those that are too long for their path are refused with
     * {@link IpOutput#TOO_BIG}. False unless set: they are sent in fragments.
     */
    public SocketSettings dontFragment(final boolean refuse) {
        dontFragment = refuse;
        return this;
    }

    /** Whether packets must not be fragmented. */
    public boolean dontFragment() {
        return dontFragment;
    }

    /** Sets whether routers may fragment packets of IPv4, false unless set: they have numbers then, and no DF. */
    public SocketSettings routersMayFragment(final boolean permitted) {
        routersMayFragment = permitted;
        return this;
    }

    /** Whether routers may fragment packets of IPv4. */
    public boolean routersMayFragment() {
        return routersMayFragment;
    }

    /**
     * Sets whether packets may go to broadcast addresses, false unless set: they are refused with
     * {@link IpOutput#NOT_PERMITTED}, lest a wrong address reach a whole network (RFC 1122 section 3.3.6).
     */
    public SocketSettings broadcast(final boolean permitted) {
        broadcast = permitted;
        return this;
    }

    /** Whether packets may go to broadcast addresses. */
    public boolean broadcast() {
        return broadcast;
    }

    /**
     * Sets whether packets to groups and broadcasts also reach sockets of this stack that listen to them on the interface
     * that they leave by, the sender included. True unless set.
     */
    public SocketSettings multicastLoop(final boolean loop) {
        multicastLoop = loop;
        return this;
    }

    /** Whether packets to groups also reach sockets of this stack. */
    public boolean multicastLoop() {
        return multicastLoop;
    }

    /**
     * Stores everything but addresses and protocol in the header of a packet whose family and destination are set, and
     * the source address if the options, which were {@linkplain SendOptions#check checked}, name one.
     */
    public void apply(final IpRepr out, final @Nullable SendOptions options) {
        final boolean group = IpAddress.isMulticast(out.family, out.dstHi, out.dstLo);
        out.hopLimit = group ? multicastHopLimit : hopLimit();
        out.trafficClass = trafficClass();
        out.flowLabel = flowLabel();
        out.interfaceIndex = group && interfaceIndex < 0 ? multicastInterface : interfaceIndex;
        out.strictInterface = out.interfaceIndex >= 0;
        out.dontFragment = dontFragment;
        out.routersMayFragment = routersMayFragment;
        out.broadcast = broadcast;
        out.loop = multicastLoop;
        out.headerIncluded = false;
        if (options != null) {
            override(out, options);
        }
    }

    private static void override(final IpRepr out, final SendOptions options) {
        if (options.hasSource()) {
            out.srcHi = options.sourceHi;
            out.srcLo = options.sourceLo;
        }
        if (options.hopLimit != SendOptions.UNSET) {
            out.hopLimit = options.hopLimit;
        }
        if (options.trafficClass != SendOptions.UNSET) {
            out.trafficClass = options.trafficClass;
        }
        if (options.flowLabel != SendOptions.UNSET) {
            out.flowLabel = options.flowLabel;
        }
        if (options.interfaceIndex != SendOptions.UNSET) {
            out.interfaceIndex = options.interfaceIndex;
            out.strictInterface = true;
        }
        if (options.dontFragment != SendOptions.UNSET) {
            out.dontFragment = options.dontFragment != 0;
        }
    }
}
