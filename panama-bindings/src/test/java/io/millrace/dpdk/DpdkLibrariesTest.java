package io.millrace.dpdk;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DpdkLibrariesTest {
    @TempDir
    private Path folder = Path.of("");

    private String describe() {
        return DpdkLibraries.describe("librte_eal.so.23", List.of(folder));
    }

    @Test
    void shouldSayWhatToInstallWhenDpdkIsMissing() {
        assertTrue(
                describe().startsWith("DPDK 22.11 (librte_eal.so.23) is not installed; install it: apt-get install"));
    }

    @Test
    void shouldNameTheOtherVersionWhenOnlyThatIsThere() throws IOException {
        final Path other = Files.createFile(folder.resolve("librte_eal.so.24"));
        assertTrue(describe().contains("only another version (" + other + ")"), describe());
    }

    @Test
    void shouldPointAtLddWhenTheLibraryCannotBeLoaded() throws IOException {
        final Path exact = Files.createFile(folder.resolve("librte_eal.so.23"));
        assertTrue(describe().endsWith("ldd " + exact), describe());
    }
}
