package io.millrace.dpdk;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts EAL before the first test that needs it; it runs until the JVM ends, since a process can start it only once. The
 * tests of a class are skipped if DPDK's runtime is missing, with the words that say how to get it.
 */
public final class DpdkExtension implements BeforeAllCallback {
    private static final List<String> ARGUMENTS =
            List.of("--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "-m", "256");

    @Override
    public void beforeAll(final ExtensionContext context) {
        final String problem = DpdkLibraries.problem();
        Assumptions.assumeTrue(problem == null, problem);
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .getOrComputeIfAbsent(DpdkExtension.class, key -> Eal.running() == null ? Eal.start(ARGUMENTS) : key);
    }

    /** An exception's message. */
    static String words(final Throwable e) {
        return String.valueOf(e.getMessage());
    }
}
