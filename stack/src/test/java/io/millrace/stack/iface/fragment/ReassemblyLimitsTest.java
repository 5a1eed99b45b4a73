package io.millrace.stack.iface.fragment;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReassemblyLimitsTest {
    @Test
    void shouldTakeTheLeastAndTheMost() {
        assertDoesNotThrow(() -> new ReassemblyLimits(0x2_0000, 0x1_0000, 1, 2));
        assertDoesNotThrow(() -> new ReassemblyLimits(1 << 30, 1 << 30, 1 << 20, 8192));
    }

    @ParameterizedTest
    @CsvSource({
        "131071, 65536, 1, 2, bytes of reassembly is 131071; it is 131072 to 1073741824",
        "1073741825, 65536, 1, 2, bytes of reassembly is 1073741825; it is 131072 to 1073741824",
        "131072, 65535, 1, 2, bytesPerSource of reassembly is 65535; it is 65536 to 131072",
        "131072, 131073, 1, 2, bytesPerSource of reassembly is 131073; it is 65536 to 131072",
        "131072, 65536, 0, 2, datagrams of reassembly is 0; it is 1 to 1048576",
        "131072, 65536, 1, 8193, fragments of reassembly is 8193; it is 2 to 8192"
    })
    void shouldRefuseWhatCannotWork(
            final int bytes, final int perSource, final int datagrams, final int fragments, final String message) {
        final IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> new ReassemblyLimits(bytes, perSource, datagrams, fragments));
        assertEquals(message, e.getMessage());
    }
}
