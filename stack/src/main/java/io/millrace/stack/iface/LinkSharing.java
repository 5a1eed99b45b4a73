package io.millrace.stack.iface;

import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.iface.address.OwnAddress;
import io.millrace.stack.iface.neighbor.NeighborEntry;
import io.millrace.stack.iface.neighbor.NeighborState;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;

/** What a link tells the same link in the stacks of other shards, and what it takes over from them. */
public final class LinkSharing {
    private final Link link;
    private ShardNews news = ShardNews.NONE;

    LinkSharing(final Link link) {
        this.link = link;
    }

    /**
     * Whether this stack checks, announces and defends the addresses; else it {@linkplain #heardAddress hears} of them.
     */
    public void leads(final boolean leads) {
        link.life().leads(leads);
    }

    /** Sets who hears what other shards should know. */
    public void news(final ShardNews newNews) {
        news = newNews;
    }

    ShardNews news() {
        return news;
    }

    /** Takes over what another shard found out about an address; arguments as of {@link ShardNews#onAddress}. */
    public void heardAddress(
            final int family, final long hi, final long lo, final AddressState state, final long other) {
        final OwnAddress own = link.addresses(family).find(hi, lo);
        if (own != null) {
            final boolean checking = own.checking();
            link.life().heard(own, state, other);
            link.noteLoss(own, checking);
        }
    }

    /** Takes over what another shard found out about a neighbour; arguments as of {@link ShardNews#onNeighbor}. */
    public void heardNeighbor(final int family, final long hi, final long lo, final long mac) {
        link.neighbors().of(family).heard(hi, lo, mac, link.now());
    }

    /** Tells the other shards everything that they may have missed. */
    public void tellAll() {
        tellAddresses(link.addresses(IpFamily.V4));
        tellAddresses(link.addresses(IpFamily.V6));
        for (final NeighborEntry neighbor : link.neighbors().entries(link.now())) {
            final MacAddress known = neighbor.mac();
            if (known != null && neighbor.state() != NeighborState.PERMANENT) {
                final IpAddress address = neighbor.address();
                news.onNeighbor(link.index(), address.family(), address.hi(), address.lo(), known.value());
            }
        }
    }

    private void tellAddresses(final AddressSet set) {
        for (int i = 0; i < set.total(); i++) {
            if (!set.at(i).checking() && !set.at(i).anycast) {
                link.solicitation().tellShards(set.at(i), 0);
            }
        }
    }
}
