package io.millrace.bench.control;

import io.millrace.stack.iface.address.AddressEntry;
import java.util.Locale;

/**
 * One of a server's own addresses.
 *
 * @param device name of the interface
 * @param address with its prefix length
 * @param state where it stands in its life, for instance {@code preferred}; {@code duplicated} if another station has it
 * @param shard whose stack says so
 */
public record AddressRow(String device, String address, String state, int shard) {
    /** The state of an address that another station has. */
    static final String DUPLICATED = "duplicated";

    static AddressRow of(AddressEntry entry, String device, int shard) {
        return new AddressRow(
                device, entry.address().toString(), entry.state().name().toLowerCase(Locale.ROOT), shard);
    }
}
