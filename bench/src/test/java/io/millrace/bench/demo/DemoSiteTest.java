package io.millrace.bench.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoSiteTest {
    @Test
    void shouldBeGoneWhenItIsClosed() throws Exception {
        final Path folder;
        try (DemoSite site = DemoSite.create(1, () -> false)) {
            folder = site.folder();
            assertEquals(site.size(), Files.size(folder.resolve(DemoSite.PATH.substring(1))));
        }
        assertFalse(Files.exists(folder));
    }

    /** On a slow machine the file takes longer than the signal's patience. */
    @Test
    void shouldLeaveNothingBehindWhenItIsStoppedHalfWay(@TempDir Path parent) throws Exception {
        final Path folder = Files.createDirectory(parent.resolve("site"));
        final int[] blocks = new int[1];
        assertThrows(InterruptedException.class, () -> DemoSite.create(folder, 64, () -> ++blocks[0] > 2));
        assertEquals(3, blocks[0]);
        assertFalse(Files.exists(folder));
    }
}
