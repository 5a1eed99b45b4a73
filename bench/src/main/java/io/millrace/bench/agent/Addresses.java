package io.millrace.bench.agent;

import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Linux;
import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.ScopedAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Socket addresses as requests write them. A socket of family AF_INET6 reaches IPv4 hosts by mapped addresses (RFC 4291
 * section 2.5.5.2), which the stack never sees.
 */
final class Addresses {
    /** No address: the family AF_UNSPEC. */
    static final String UNSPEC = "unspec";

    /** No address at all: a null pointer. */
    static final String NONE = "none";

    private static final long MAPPED = 0xFFFF_0000_0000L;

    private Addresses() {}

    /**
     * Parses an address.
     *
     * @param domain AF_INET or AF_INET6, the socket's
     * @param orIpv4 whether a socket of AF_INET6 takes an address of AF_INET, too
     * @return null for {@code unspec} or {@code none}
     * @throws ErrnoException EINVAL if it is no address, EAFNOSUPPORT if it is of the other family
     */
    static @Nullable Endpoint<IpAddress> parse(int domain, boolean orIpv4, String text, int port)
            throws ErrnoException {
        final String name = text.toLowerCase(Locale.ROOT);
        if (name.equals(UNSPEC) || name.equals(NONE)) {
            return null;
        }
        if (port < 0 || port > Endpoint.MAX_PORT) {
            throw new ErrnoException(Linux.EINVAL);
        }
        final IpAddress address;
        final String zone;
        try {
            final ScopedAddress scoped = ScopedAddress.parse(text);
            address = scoped.address();
            zone = scoped.zone();
        } catch (AddressSyntaxException e) {
            throw new ErrnoException(Linux.EINVAL);
        }
        if (domain == Linux.AF_INET) {
            if (!(address instanceof Ipv4Address)) {
                throw new ErrnoException(Linux.EAFNOSUPPORT);
            }
            return new Endpoint<>(address, port);
        }
        if (address instanceof Ipv4Address && !orIpv4) {
            throw new ErrnoException(Linux.EINVAL); // sockaddr_in is shorter than sockaddr_in6
        }
        return new Endpoint<>(unmapped(address), port, zone);
    }

    /** Whether an address that {@link #parse} takes is one of AF_INET. */
    static boolean isPlainIpv4(String text) {
        return text.indexOf(':') < 0;
    }

    private static IpAddress unmapped(IpAddress address) {
        return address.hi() == 0 && address.lo() >>> 32 == MAPPED >>> 32
                ? new Ipv4Address((int) address.lo())
                : address;
    }

    /** An address and a port, separated by a space. */
    static String text(int domain, @Nullable Endpoint<? extends IpAddress> endpoint) {
        if (endpoint == null) {
            return UNSPEC + " 0";
        }
        final boolean mapped = domain == Linux.AF_INET6 && endpoint.address() instanceof Ipv4Address;
        return (mapped ? "::ffff:" : "") + endpoint.address() + " " + endpoint.port();
    }
}
