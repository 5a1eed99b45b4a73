package io.millrace.stack.iface;

import io.millrace.stack.iface.address.GroupListener;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.MacAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.agrona.collections.Long2LongCounterMap;
import org.jspecify.annotations.Nullable;

/**
 * The multicast groups of an interface as its link sees them: the MAC addresses to listen to, counted since several
 * groups share one (RFC 1112 section 6.4, RFC 2464 section 7), and who has to be told.
 */
final class Groups implements GroupListener {
    private final Long2LongCounterMap macs = new Long2LongCounterMap(0);
    private final Set<IpAddress> joined = new LinkedHashSet<>();
    private final Map<IpAddress, Integer> wanted = new HashMap<>();
    private @Nullable GroupListener listener;

    /** Whether frames to a MAC address are for one of the groups, or look so. */
    boolean listensTo(final long mac) {
        return macs.get(mac) != 0;
    }

    /** The MAC address that packets to a group or to everyone go to. */
    static long mac(final int family, final long lo) {
        if (family == IpFamily.V6) {
            return MacAddress.ofIpv6Group(lo);
        }
        return Ipv4Address.isMulticast(lo) ? MacAddress.ofIpv4Group(lo) : MacAddress.BROADCAST_VALUE;
    }

    /** Counts one more who wants a group. */
    void want(final IpAddress group) {
        wanted.merge(group, 1, Integer::sum);
    }

    /**
     * Counts one less who wants a group.
     *
     * @throws IllegalArgumentException if nobody does
     */
    void unwant(final IpAddress group) {
        final Integer count = wanted.get(group);
        if (count == null) {
            throw new IllegalArgumentException("group " + group + " was not joined; leave as often as you join");
        }
        if (count == 1) {
            wanted.remove(group);
        } else {
            wanted.put(group, count - 1);
        }
    }

    /** Sets who hears of groups, and tells it of those that there are. */
    void listener(final GroupListener newListener) {
        listener = newListener;
        joined.forEach(newListener::onJoin);
    }

    @Override
    public void onJoin(final IpAddress group) {
        macs.incrementAndGet(mac(group.family(), group.lo()));
        joined.add(group);
        if (listener != null) {
            listener.onJoin(group);
        }
    }

    @Override
    public void onLeave(final IpAddress group) {
        macs.decrementAndGet(mac(group.family(), group.lo()));
        joined.remove(group);
        if (listener != null) {
            listener.onLeave(group);
        }
    }
}
