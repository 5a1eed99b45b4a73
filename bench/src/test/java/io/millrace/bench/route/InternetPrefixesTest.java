package io.millrace.bench.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.route.RouteTable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InternetPrefixesTest {
    @ParameterizedTest
    @CsvSource({"4, 1000000, 140000000", "6, 1000000, 200000000"})
    void shouldFillATableWithinItsMemory(final int family, final int routes, final long most) {
        final RouteTable table = new InternetPrefixes(family, 1).table(routes);
        assertEquals(routes, table.size());
        assertTrue(table.bytes() < most, () -> table.bytes() + " bytes");
    }
}
