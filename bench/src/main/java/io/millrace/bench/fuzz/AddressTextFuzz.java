package io.millrace.bench.fuzz;

import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** Text into the parsers of addresses, networks and endpoints: refused, or the same again from what it prints as. */
public final class AddressTextFuzz {
    private AddressTextFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        final String text = new String(input, StandardCharsets.ISO_8859_1);
        roundTrip(text, IpAddress::parse);
        roundTrip(text, Cidr::parse);
        roundTrip(text, Endpoint::parse);
        roundTrip(text, MacAddress::parse);
    }

    private static <T> void roundTrip(final String text, final Function<String, T> parser) {
        final T value;
        try {
            value = parser.apply(text);
        } catch (final AddressSyntaxException e) {
            return;
        }
        final T again = parser.apply(value.toString());
        if (!again.equals(value)) {
            throw new AssertionError(text + " became " + value + " and then " + again);
        }
    }
}
