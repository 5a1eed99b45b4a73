package io.millrace.bench.socketapi;

import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import org.jspecify.annotations.Nullable;

/** What a program set of the options of IPPROTO_IP and IPPROTO_IPV6. Not thread-safe. */
final class IpLevel {
    private static final int MOST = 255;

    /** The bits of the traffic class that belong to ECN: a stream sets them itself. */
    private static final int ECN = 3;

    private final int defaultHopLimit;
    private final int domain;
    private int hopLimit;
    private int multicastHopLimit = SocketSettings.DEFAULT_MULTICAST_HOP_LIMIT;
    private boolean multicastLoop = true;
    private int trafficClass;
    private int discovery = Linux.IP_PMTUDISC_WANT;
    private boolean bindAddressOnly;
    private boolean autoFlowLabel = true;
    private MulticastInterface multicastInterface = new MulticastInterface(0, 0);
    /** IP_RECVERR, IPV6_RECVERR: an unconnected datagram socket is told of errors, too. */
    boolean receiveErrors;
    /** IP_HDRINCL: a raw socket's program writes the IP header itself. */
    boolean headerIncluded;

    boolean v6Only;
    private int minTtl;
    private int minHopCount;

    IpLevel(int hopLimit, int domain) {
        this.defaultHopLimit = hopLimit;
        this.hopLimit = hopLimit;
        this.domain = domain;
    }

    IpLevel(IpLevel from) {
        this(from.defaultHopLimit, from.domain);
        hopLimit = from.hopLimit;
        multicastHopLimit = from.multicastHopLimit;
        multicastLoop = from.multicastLoop;
        trafficClass = from.trafficClass;
        discovery = from.discovery;
        bindAddressOnly = from.bindAddressOnly;
        autoFlowLabel = from.autoFlowLabel;
        multicastInterface = from.multicastInterface;
        receiveErrors = from.receiveErrors;
        headerIncluded = from.headerIncluded;
        v6Only = from.v6Only;
        minTtl = from.minTtl;
        minHopCount = from.minHopCount;
    }

    int hopLimit() {
        return Math.max(1, hopLimit); // 0 is told, but nothing is sent that way
    }

    /** Least TTL or hop limit of what a connection receives. */
    int minHopLimit() {
        return domain == Linux.AF_INET ? minTtl : minHopCount;
    }

    int flowLabel() {
        return autoFlowLabel ? IpRepr.AUTO_FLOW_LABEL : 0;
    }

    /** It is bound: to an address of IPv6, it is for no other family. */
    void bound(@Nullable IpAddress address) {
        v6Only |= domain == Linux.AF_INET6 && address instanceof Ipv6Address && !address.isUnspecified();
    }

    void multicastInterface(MulticastInterface chosen) {
        multicastInterface = chosen;
    }

    /** IP_MULTICAST_IF was set. */
    boolean choosesInterface() {
        return multicastInterface.index() != 0;
    }

    int trafficClass() {
        return trafficClass;
    }

    void apply(SocketSettings settings) {
        settings.hopLimit(hopLimit())
                .multicastHopLimit(multicastHopLimit)
                .multicastLoop(multicastLoop)
                .multicastInterface(multicastInterface.index() - 1)
                .trafficClass(trafficClass)
                .flowLabel(flowLabel())
                .dontFragment(dontFragment())
                .routersMayFragment(!streamDontFragment());
    }

    boolean dontFragment() {
        return discovery == Linux.IP_PMTUDISC_DO || discovery == Linux.IP_PMTUDISC_PROBE;
    }

    /** Whether a stream looks for the size that its path carries, as it does unless told not to. */
    boolean streamDontFragment() {
        return discovery == Linux.IP_PMTUDISC_WANT || dontFragment();
    }

    /** Sets an option of IPPROTO_IP. Returns false if there is none of the name. */
    boolean set4(int option, byte[] value, int type) throws ErrnoException {
        switch (option) {
            case Linux.IP_TOS -> trafficClass = settable(OptionBytes.optional(value) & 0xFF, type);
            case Linux.IP_TTL -> hopLimit = hopLimit(OptionBytes.byteOrInteger(value), 1, defaultHopLimit);
            case Linux.IP_MTU_DISCOVER -> discovery = discovery(OptionBytes.optional(value));
            case Linux.IP_RECVERR -> receiveErrors = OptionBytes.optional(value) != 0;
            case Linux.IP_BIND_ADDRESS_NO_PORT -> bindAddressOnly = OptionBytes.optional(value) != 0;
            case Linux.IP_MINTTL -> minTtl = leastHopLimit(OptionBytes.byteOrInteger(value));
            case Linux.IP_MULTICAST_TTL -> {
                datagrams(type);
                multicastHopLimit =
                        hopLimit(OptionBytes.byteOrInteger(value), 0, SocketSettings.DEFAULT_MULTICAST_HOP_LIMIT);
            }
            case Linux.IP_MULTICAST_LOOP -> multicastLoop = OptionBytes.byteOrInteger(value) != 0;
            case Linux.IP_HDRINCL -> {
                if (type != Linux.SOCK_RAW) {
                    return false;
                }
                headerIncluded = OptionBytes.optional(value) != 0;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The value of an option of IPPROTO_IP; null if there is none of the name. */
    byte @Nullable [] get4(int option) {
        return switch (option) {
            case Linux.IP_TOS -> OptionBytes.of(trafficClass);
            case Linux.IP_TTL -> OptionBytes.of(hopLimit);
            case Linux.IP_MTU_DISCOVER -> OptionBytes.of(discovery);
            case Linux.IP_RECVERR -> OptionBytes.of(receiveErrors);
            case Linux.IP_BIND_ADDRESS_NO_PORT -> OptionBytes.of(bindAddressOnly);
            case Linux.IP_MINTTL -> OptionBytes.of(minTtl);
            case Linux.IP_MULTICAST_TTL -> OptionBytes.of(multicastHopLimit);
            case Linux.IP_MULTICAST_LOOP -> OptionBytes.of(multicastLoop);
            case Linux.IP_HDRINCL -> OptionBytes.of(headerIncluded);
            case Linux.IP_MULTICAST_IF -> OptionBytes.of(Integer.reverseBytes(multicastInterface.address()));
            default -> null;
        };
    }

    /** As {@link #set4}, of IPPROTO_IPV6. */
    boolean set6(int option, byte[] value, int type, boolean bound) throws ErrnoException {
        switch (option) {
            case Linux.IPV6_TCLASS -> trafficClass = settable(Math.max(0, OptionBytes.inRange(value, -1, MOST)), type);
            case Linux.IPV6_UNICAST_HOPS -> hopLimit = hopLimit(OptionBytes.integer(value), 0, defaultHopLimit);
            case Linux.IPV6_MINHOPCOUNT -> minHopCount = leastHopLimit(OptionBytes.integer(value));
            case Linux.IPV6_MULTICAST_HOPS -> {
                if (type == Linux.SOCK_STREAM) {
                    return false;
                }
                multicastHopLimit = hopLimit(OptionBytes.integer(value), 0, SocketSettings.DEFAULT_MULTICAST_HOP_LIMIT);
            }
            case Linux.IPV6_MULTICAST_LOOP -> multicastLoop = OptionBytes.inRange(value, 0, 1) != 0;
            case Linux.IPV6_MTU_DISCOVER -> discovery = OptionBytes.inRange(value, 0, Linux.IP_PMTUDISC_OMIT);
            case Linux.IPV6_AUTOFLOWLABEL -> autoFlowLabel = value.length >= Integer.BYTES && OptionBytes.flag(value);
            case Linux.IPV6_DONTFRAG ->
                discovery = value.length >= Integer.BYTES && OptionBytes.flag(value)
                        ? Linux.IP_PMTUDISC_DO
                        : Linux.IP_PMTUDISC_WANT;
            case Linux.IPV6_RECVERR -> receiveErrors = OptionBytes.flag(value);
            case Linux.IPV6_V6ONLY -> {
                final boolean only = OptionBytes.flag(value);
                if (bound) {
                    throw new ErrnoException(Linux.EINVAL);
                }
                v6Only = only;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** As {@link #get4}, of IPPROTO_IPV6. */
    byte @Nullable [] get6(int option) {
        return switch (option) {
            case Linux.IPV6_TCLASS -> OptionBytes.of(trafficClass);
            case Linux.IPV6_UNICAST_HOPS -> OptionBytes.of(hopLimit);
            case Linux.IPV6_MINHOPCOUNT -> OptionBytes.of(minHopCount);
            case Linux.IPV6_MULTICAST_HOPS -> OptionBytes.of(multicastHopLimit);
            case Linux.IPV6_MULTICAST_LOOP -> OptionBytes.of(multicastLoop);
            case Linux.IPV6_MTU_DISCOVER -> OptionBytes.of(discovery);
            case Linux.IPV6_DONTFRAG -> OptionBytes.of(discovery == Linux.IP_PMTUDISC_DO);
            case Linux.IPV6_RECVERR -> OptionBytes.of(receiveErrors);
            case Linux.IPV6_V6ONLY -> OptionBytes.of(v6Only);
            case Linux.IPV6_AUTOFLOWLABEL -> OptionBytes.of(autoFlowLabel);
            case Linux.IPV6_MULTICAST_IF -> OptionBytes.of(multicastInterface.index());
            default -> null;
        };
    }

    private int settable(int value, int type) {
        return type == Linux.SOCK_STREAM ? (value & ~ECN) | (trafficClass & ECN) : value;
    }

    private static int leastHopLimit(int value) throws ErrnoException {
        if (value < 0 || value > MOST) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return value;
    }

    private static int discovery(int value) throws ErrnoException {
        if (value < 0 || value > Linux.IP_PMTUDISC_OMIT) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return value;
    }

    private static void datagrams(int type) throws ErrnoException {
        if (type == Linux.SOCK_STREAM) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    private static int hopLimit(int value, int least, int otherwise) throws ErrnoException {
        if (value == -1) {
            return otherwise;
        }
        if (value < least || value > MOST) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return Math.max(least, value);
    }
}
