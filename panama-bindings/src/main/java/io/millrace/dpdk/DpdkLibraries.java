package io.millrace.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether the DPDK that the bindings were made for can be loaded, and what to do if not. */
public final class DpdkLibraries {
    static final String EAL = "librte_eal.so.23";

    /** The libraries whose functions are called, by soname; the loader brings along what they need. */
    private static final List<String> SONAMES =
            List.of(EAL, "librte_telemetry.so.23", "librte_mempool.so.23", "librte_mbuf.so.23", "librte_ethdev.so.23");

    private static final List<Path> FOLDERS = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu"),
            Path.of("/usr/lib/aarch64-linux-gnu"),
            Path.of("/usr/lib64"),
            Path.of("/usr/lib"),
            Path.of("/usr/local/lib"));

    private static final String INSTALL = "apt-get install librte-ethdev23 librte-mempool-ring23 librte-bus-vdev23"
            + " librte-bus-pci23 librte-net-af-packet23 librte-net-null23 (Debian 12; other drivers: librte-net-*23)";

    private DpdkLibraries() {}

    /**
     * Tries to load DPDK's libraries.
     *
     * @return what is wrong and how to mend it, in one line; null if all is well
     */
    @SuppressWarnings("restricted")
    public static @Nullable String problem() {
        for (final String soname : SONAMES) {
            try {
                SymbolLookup.libraryLookup(soname, Arena.global());
            } catch (final IllegalArgumentException e) {
                return describe(soname, FOLDERS);
            }
        }
        return null;
    }

    static void require() {
        final String problem = problem();
        if (problem != null) {
            throw new EalException(problem, 0);
        }
    }

    static String describe(final String soname, final List<Path> folders) {
        final String base = soname.substring(0, soname.indexOf(".so") + ".so".length());
        for (final Path folder : folders) {
            final Path exact = folder.resolve(soname);
            if (Files.exists(exact)) {
                return exact + " is there but cannot be loaded; see what it lacks with: ldd " + exact;
            }
        }
        for (final Path folder : folders) {
            // DPDK's ABI version is that of its year's LTS: 21 is 20.11, 22 is 21.11, 24 is 23.11, 25 is 24.11.
            for (int abi = 20; abi < 30; abi++) {
                final Path other = folder.resolve(base + "." + abi);
                if (Files.exists(other)) {
                    return "DPDK 22.11 (" + soname + ") is not installed, only another version (" + other
                            + "); install beside it: " + INSTALL;
                }
            }
        }
        return "DPDK 22.11 (" + soname + ") is not installed; install it: " + INSTALL;
    }
}
