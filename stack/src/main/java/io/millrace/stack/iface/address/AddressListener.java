package io.millrace.stack.iface.address;

import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;

/**
 * Hears what becomes of an interface's addresses. Called on the stack's thread within {@code poll}; it may call the
 * interface. Every method does nothing unless it is overridden.
 */
public interface AddressListener {
    /** The address was checked, or is not to be, and is in use: nobody else has it. */
    default void onPreferred(final IpAddress address) {}

    /** Its preferred lifetime is over. */
    default void onDeprecated(final IpAddress address) {}

    /** Another station has it, so it is not used; connections from it will time out. It stays listed as duplicated. */
    default void onDuplicate(final IpAddress address, final MacAddress other) {}

    /** Another station uses it although it is ours: it was defended. At most once each ten seconds for an address. */
    default void onConflict(final IpAddress address, final MacAddress other) {}

    /** It was removed, by hand or because its valid lifetime is over. */
    default void onRemoved(final IpAddress address) {}

    /**
     * Another station has the link-local address that follows from our MAC address, and so most likely that too: the
     * interface neither sends nor receives IPv6 any more (RFC 4862 section 5.4.5). Give it another MAC address, then
     * {@link io.millrace.stack.NetInterface#enableIpv6()}.
     */
    default void onIpv6Disabled() {}

    /** The interface speaks IPv6 again. */
    default void onIpv6Enabled() {}
}
