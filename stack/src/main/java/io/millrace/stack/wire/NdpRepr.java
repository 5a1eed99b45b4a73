package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A message of neighbour discovery (RFC 4861 section 4) with all its options: router and neighbour solicitations and
 * advertisements, and redirects. Reused from message to message.
 *
 * <p>Of options that a message repeats the first one counts; prefixes and routes are kept up to a bound. The names of a
 * DNS search list and the packet that a redirect quotes are not copied but kept as places within {@link #quoted};
 * {@link #emit} copies them from there.
 *
 * <p>Not thread-safe.
 */
public final class NdpRepr {
    /** Most prefixes, routes and DNS servers, the latter of one option, that are kept of each. */
    public static final int MAX_REPEATED = 8;

    /** A MAC address or MTU that is not there. */
    public static final long ABSENT = -1;

    /** Type, from {@link NdpView#ROUTER_SOLICITATION} to {@link NdpView#REDIRECT}. */
    public int type;
    /** Flags of a neighbour advertisement, as {@link NdpView#ROUTER}. */
    public int flags;
    /** Upper half of the target: of a solicitation, an advertisement, or the better next hop of a redirect. */
    public long targetHi;
    /** Lower half of the target. */
    public long targetLo;
    /** Upper half of the destination that a redirect is about. */
    public long destinationHi;
    /** Lower half of the destination that a redirect is about. */
    public long destinationLo;

    /** Hop limit that a router advertises; 0 says nothing. */
    public int hopLimit;
    /** Flags of a router advertisement, as {@link RouterAdvertisementView#MANAGED}. */
    public int routerFlags;
    /** Seconds for which a router is a default router. */
    public int routerLifetime;
    /** Milliseconds for which neighbours stay reachable; 0 says nothing. */
    public long reachableTime;
    /** Milliseconds between solicitations; 0 says nothing. */
    public long retransTimer;

    /** MAC address of the source; {@link #ABSENT} if the option is not there. */
    public long sourceMac;
    /** MAC address of the target; {@link #ABSENT} if the option is not there. */
    public long targetMac;
    /** MTU of the link; {@link #ABSENT} if the option is not there. */
    public long mtu;
    /** Number of prefixes. */
    public int prefixes;
    /** The prefixes. */
    public final Prefix[] prefix = new Prefix[MAX_REPEATED];
    /** Number of routes. */
    public int routes;
    /** The routes; of their fields, {@link Prefix#validLifetime} is the route's lifetime. */
    public final Prefix[] route = new Prefix[MAX_REPEATED];
    /** Number of DNS servers. */
    public int dnsServers;
    /** Seconds for which the DNS servers hold. */
    public long dnsLifetime;
    /** Upper halves of the DNS servers' addresses. */
    public final long[] dnsHi = new long[MAX_REPEATED];
    /** Lower halves of the DNS servers' addresses. */
    public final long[] dnsLo = new long[MAX_REPEATED];
    /** Memory that holds the names of a DNS search list and what a redirect quotes: after parsing, the message's. */
    public MemorySegment quoted = MemorySegment.NULL;
    /** Offset within {@link #quoted} of the names of a DNS search list, in DNS form and not compressed. */
    public long searchListOffset;
    /** Bytes of the names, of a parsed message with padding, at most 2,032; 0 if the option is not there. */
    public int searchListLength;
    /** Seconds for which the search list holds. */
    public long searchListLifetime;
    /** Offset within {@link #quoted} of the packet that a redirect quotes. */
    public long redirectedOffset;
    /** Bytes of that packet, of a parsed message with padding, at most 2,032; 0 if the option is not there. */
    public int redirectedLength;
    /** Bytes of the nonce, 6 or a multiple of 8 more; 0 if the option is not there. */
    public int nonceLength;
    /** The nonce. */
    public final byte[] nonce = new byte[2038];

    /** A prefix of a prefix or route information option. */
    public static final class Prefix {
        /** Bits of the prefix, 0 to 128. */
        public int length;
        /** Flags, as {@link NdpOptionView#ON_LINK}; of a route, its preference in bits 3 and 4. */
        public int flags;
        /** Seconds for which it is valid; 4,294,967,295 for ever. */
        public long validLifetime;
        /** Seconds for which addresses made of it are preferred. */
        public long preferredLifetime;
        /** Upper half of the prefix. */
        public long hi;
        /** Lower half of the prefix. */
        public long lo;

        private Prefix() {}
    }

    /** Makes one without options. */
    public NdpRepr() {
        for (int i = 0; i < MAX_REPEATED; i++) {
            prefix[i] = new Prefix();
            route[i] = new Prefix();
        }
        clearOptions();
    }

    /** Removes all options. */
    public void clearOptions() {
        sourceMac = ABSENT;
        targetMac = ABSENT;
        mtu = ABSENT;
        prefixes = 0;
        routes = 0;
        dnsServers = 0;
        searchListLength = 0;
        redirectedLength = 0;
        nonceLength = 0;
    }

    /**
     * Reads a message whose checksum is right.
     *
     * @param length bytes of the message
     * @return false if it is not of neighbour discovery, short, or has an option that does not end within it: RFC 4861
     *     section 6.1 has it dropped
     */
    public boolean parse(final MemorySegment memory, final long offset, final int length) {
        if (length < NdpView.ROUTER_SOLICITATION_LENGTH) {
            return false;
        }
        type = IcmpView.type(memory, offset);
        final int headerLength = bodyLength();
        if (headerLength == 0 || length < headerLength || IcmpView.code(memory, offset) != 0) {
            return false;
        }
        flags = type == NdpView.NEIGHBOR_ADVERTISEMENT ? NdpView.flags(memory, offset) : 0;
        if (type >= NdpView.NEIGHBOR_SOLICITATION) {
            targetHi = NdpView.targetHi(memory, offset);
            targetLo = NdpView.targetLo(memory, offset);
        }
        if (type == NdpView.REDIRECT) {
            destinationHi = NdpView.destinationHi(memory, offset);
            destinationLo = NdpView.destinationLo(memory, offset);
        }
        if (type == NdpView.ROUTER_ADVERTISEMENT) {
            hopLimit = RouterAdvertisementView.hopLimit(memory, offset);
            routerFlags = RouterAdvertisementView.flags(memory, offset);
            routerLifetime = RouterAdvertisementView.routerLifetime(memory, offset);
            reachableTime = RouterAdvertisementView.reachableTime(memory, offset);
            retransTimer = RouterAdvertisementView.retransTimer(memory, offset);
        }
        return parseOptions(memory, offset + headerLength, length - headerLength);
    }

    private boolean parseOptions(final MemorySegment memory, final long offset, final int length) {
        clearOptions();
        quoted = memory;
        int at = 0;
        while (at < length) {
            final int option = NdpOptionView.check(memory, offset + at, length - at);
            if (option < 0) {
                return false;
            }
            if (NdpOptionView.isWellFormed(memory, offset + at, option)) {
                parseOption(memory, offset + at, option);
            }
            at += option;
        }
        return true;
    }

    private void parseOption(final MemorySegment memory, final long at, final int length) {
        switch (NdpOptionView.type(memory, at)) {
            case NdpOptionView.SOURCE_LINK_ADDRESS ->
                sourceMac = sourceMac == ABSENT ? NdpOptionView.linkAddress(memory, at) : sourceMac;
            case NdpOptionView.TARGET_LINK_ADDRESS ->
                targetMac = targetMac == ABSENT ? NdpOptionView.linkAddress(memory, at) : targetMac;
            case NdpOptionView.MTU -> mtu = mtu == ABSENT ? NdpOptionView.mtu(memory, at) : mtu;
            case NdpOptionView.PREFIX_INFORMATION -> parsePrefix(memory, at);
            case NdpOptionView.ROUTE_INFORMATION -> parseRoute(memory, at, length);
            case NdpOptionView.DNS_SERVERS -> parseDnsServers(memory, at, length);
            case NdpOptionView.DNS_SEARCH_LIST -> {
                if (searchListLength > 0) {
                    return;
                }
                searchListLifetime = NdpOptionView.lifetime(memory, at);
                searchListOffset = at + NdpOptionView.DNS_OFFSET;
                searchListLength = length - NdpOptionView.DNS_OFFSET;
            }
            case NdpOptionView.REDIRECTED_HEADER -> {
                if (redirectedLength > 0) {
                    return;
                }
                redirectedOffset = at + NdpOptionView.REDIRECTED_OFFSET;
                redirectedLength = length - NdpOptionView.REDIRECTED_OFFSET;
            }
            case NdpOptionView.NONCE -> {
                if (nonceLength > 0) {
                    return;
                }
                nonceLength = length - 2;
                MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at + 2, nonce, 0, nonceLength);
            }
            default -> {
                // Unknown options are ignored (RFC 4861 section 4.6).
            }
        }
    }

    private void parsePrefix(final MemorySegment memory, final long at) {
        if (prefixes < MAX_REPEATED) {
            final Prefix p = prefix[prefixes++];
            p.length = NdpOptionView.prefixLength(memory, at);
            p.flags = NdpOptionView.prefixFlags(memory, at);
            p.validLifetime = NdpOptionView.validLifetime(memory, at);
            p.preferredLifetime = NdpOptionView.preferredLifetime(memory, at);
            p.hi = NdpOptionView.prefixHi(memory, at);
            p.lo = NdpOptionView.prefixLo(memory, at);
        }
    }

    private void parseDnsServers(final MemorySegment memory, final long at, final int length) {
        if (dnsServers > 0) {
            return;
        }
        dnsLifetime = NdpOptionView.lifetime(memory, at);
        for (long i = at + NdpOptionView.DNS_OFFSET; i < at + length && dnsServers < MAX_REPEATED; i += 16) {
            dnsHi[dnsServers] = Net.i64(memory, i);
            dnsLo[dnsServers++] = Net.i64(memory, i + 8);
        }
    }

    private void parseRoute(final MemorySegment memory, final long at, final int length) {
        if (routes < MAX_REPEATED) {
            final Prefix p = route[routes++];
            p.length = NdpOptionView.prefixLength(memory, at);
            p.flags = NdpOptionView.prefixFlags(memory, at);
            p.validLifetime = NdpOptionView.lifetime(memory, at);
            p.preferredLifetime = p.validLifetime;
            p.hi = NdpOptionView.routeHi(memory, at, length);
            p.lo = NdpOptionView.routeLo(memory, at, length);
        }
    }

    /** Bytes that {@link #emit} writes. */
    public int length() {
        int length = bodyLength() + NdpOptionView.PREFIX_LENGTH * prefixes;
        length += sourceMac == ABSENT ? 0 : NdpOptionView.LINK_ADDRESS_LENGTH;
        length += targetMac == ABSENT ? 0 : NdpOptionView.LINK_ADDRESS_LENGTH;
        length += mtu == ABSENT ? 0 : NdpOptionView.MTU_LENGTH;
        for (int i = 0; i < routes; i++) {
            length += NdpOptionView.routeLength(route[i].length);
        }
        length += dnsServers == 0 ? 0 : NdpOptionView.DNS_OFFSET + 16 * dnsServers;
        length += searchListLength == 0 ? 0 : NdpOptionView.quoteLength(searchListLength);
        length += redirectedLength == 0 ? 0 : NdpOptionView.quoteLength(redirectedLength);
        return length + (nonceLength == 0 ? 0 : nonceLength + 2);
    }

    /**
     * Writes {@link #length()} bytes, checksum included. {@link #quoted} must not overlap with where they go. Of a
     * redirect whose message must stay within 1,280 bytes (RFC 4861 section 4.5) the caller quotes as much as fits.
     */
    public void emit(final IpRepr ip, final MemorySegment memory, final long offset) {
        if (type == NdpView.ROUTER_ADVERTISEMENT) {
            RouterAdvertisementView.write(
                    memory, offset, hopLimit, routerFlags, routerLifetime, reachableTime, retransTimer);
        } else if (type == NdpView.ROUTER_SOLICITATION) {
            Net.put64(memory, offset, (long) type << 56);
        } else {
            NdpView.write(memory, offset, type, flags, targetHi, targetLo, 0, 0);
            if (type == NdpView.REDIRECT) {
                Net.put64(memory, offset + NdpView.DESTINATION_OFFSET, destinationHi);
                Net.put64(memory, offset + NdpView.DESTINATION_OFFSET + 8, destinationLo);
            }
        }
        emitOptions(memory, offset + bodyLength());
        Icmpv6View.seal(ip, memory, offset, length());
    }

    private void emitOptions(final MemorySegment memory, final long from) {
        long at = from;
        if (sourceMac != ABSENT) {
            NdpOptionView.writeLinkAddress(memory, at, NdpOptionView.SOURCE_LINK_ADDRESS, sourceMac);
            at += NdpOptionView.LINK_ADDRESS_LENGTH;
        }
        if (targetMac != ABSENT) {
            NdpOptionView.writeLinkAddress(memory, at, NdpOptionView.TARGET_LINK_ADDRESS, targetMac);
            at += NdpOptionView.LINK_ADDRESS_LENGTH;
        }
        if (mtu != ABSENT) {
            NdpOptionView.writeMtu(memory, at, mtu);
            at += NdpOptionView.MTU_LENGTH;
        }
        for (int i = 0; i < prefixes; i++) {
            final Prefix p = prefix[i];
            NdpOptionView.writePrefix(memory, at, p.length, p.flags, p.validLifetime, p.preferredLifetime, p.hi, p.lo);
            at += NdpOptionView.PREFIX_LENGTH;
        }
        for (int i = 0; i < routes; i++) {
            final Prefix p = route[i];
            at += NdpOptionView.writeRoute(memory, at, p.length, p.flags, p.validLifetime, p.hi, p.lo);
        }
        if (dnsServers > 0) {
            at += NdpOptionView.writeDnsServers(memory, at, dnsLifetime, dnsHi, dnsLo, dnsServers);
        }
        if (searchListLength > 0) {
            at += NdpOptionView.writeSearchList(
                    memory, at, searchListLifetime, quoted, searchListOffset, searchListLength);
        }
        if (nonceLength > 0) {
            Net.put16(memory, at, NdpOptionView.NONCE << 8 | (nonceLength + 2) / NdpOptionView.UNIT);
            MemorySegment.copy(nonce, 0, memory, ValueLayout.JAVA_BYTE, at + 2, nonceLength);
            at += nonceLength + 2;
        }
        if (redirectedLength > 0) {
            NdpOptionView.writeRedirected(memory, at, quoted, redirectedOffset, redirectedLength);
        }
    }

    /** Bytes in front of the options; 0 if the type is none of neighbour discovery. */
    private int bodyLength() {
        return switch (type) {
            case NdpView.ROUTER_SOLICITATION -> NdpView.ROUTER_SOLICITATION_LENGTH;
            case NdpView.ROUTER_ADVERTISEMENT -> RouterAdvertisementView.LENGTH;
            case NdpView.NEIGHBOR_SOLICITATION, NdpView.NEIGHBOR_ADVERTISEMENT -> NdpView.LENGTH;
            case NdpView.REDIRECT -> NdpView.REDIRECT_LENGTH;
            default -> 0;
        };
    }
}
