package io.millrace.stack.iface.address;

import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;

/**
 * One of an interface's addresses at one moment.
 *
 * @param address the address with its network
 * @param state where it stands in its life
 * @param preferredMicros microseconds for which it stays preferred; {@code Long.MAX_VALUE} for ever
 * @param validMicros microseconds after which it is removed; {@code Long.MAX_VALUE} for never
 */
public record AddressEntry(
        Cidr<? extends IpAddress> address, AddressState state, long preferredMicros, long validMicros) {}
