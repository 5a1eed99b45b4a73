package io.millrace.dataplane.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HugePagesTest {
    private static final long BYTES = HugePages.SIZE + 12_345;

    @ParameterizedTest
    @ValueSource(longs = {1, 4_095, HugePages.SIZE - 1, HugePages.SIZE, BYTES})
    void shouldGiveZeroedMemoryOfTheSizeAndAlignmentWanted(final long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = HugePages.allocate(arena, bytes, 4096);
            assertEquals(bytes, memory.byteSize());
            assertEquals(0, memory.address() % 4096);
            for (long at = 0; at < bytes; at++) {
                assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, at));
            }
            memory.fill((byte) 1);
        }
    }

    @Test
    void shouldAskForHugePagesAndGiveThemBackWithTheArena() throws IOException {
        final Path setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        assumeTrue(Files.exists(setting), "this kernel has no transparent huge pages");
        final MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = HugePages.allocate(arena, BYTES, 64);
            assertEquals(0, memory.address() % HugePages.SIZE);
            assertTrue(flags(memory.address()).contains(" hg"), "the mapping is not advised");
        }
        // The place may be another's by now, who did not ask for the same.
        assertFalse(flags(memory.address()).contains(" hg"), "still mapped");
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void shouldRefuseAnAlignmentThatIsNone() {
        try (Arena arena = Arena.ofConfined()) {
            for (final long alignment : new long[] {0, -64, 48, 8192}) {
                final var refused =
                        assertThrows(IllegalArgumentException.class, () -> HugePages.allocate(arena, BYTES, alignment));
                assertTrue(String.valueOf(refused.getMessage()).contains("alignment of " + alignment));
            }
        }
    }

    /** What Linux knows of the mapping that an address is in; empty if there is none. */
    private static String flags(final long address) throws IOException {
        boolean within = false;
        for (final String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                final String[] ends = line.substring(0, line.indexOf(' ')).split("-", 2);
                within = Long.compareUnsigned(Long.parseUnsignedLong(ends[0], 16), address) <= 0
                        && Long.compareUnsigned(address, Long.parseUnsignedLong(ends[1], 16)) < 0;
            } else if (within && line.startsWith("VmFlags:")) {
                return line;
            }
        }
        return "";
    }
}
