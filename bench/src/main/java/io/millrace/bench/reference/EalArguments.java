package io.millrace.bench.reference;

import java.util.List;

/** Arguments of DPDK's EAL that Millrace and the reference get alike, so that both have the same memory. */
public final class EalArguments {
    private static final String MEBIBYTES = "256";

    private EalArguments() {}

    /**
     * All but CPUs and devices: no PCI devices, 256 MiB.
     *
     * @param filePrefix a name of the process that no other EAL process has
     * @param hugepages whether memory comes from hugepages, which must be reserved
     */
    public static List<String> of(final String filePrefix, final boolean hugepages) {
        final String prefix = "--file-prefix=" + filePrefix;
        return hugepages
                ? List.of("--no-pci", "--no-telemetry", prefix, "-m", MEBIBYTES, "--in-memory")
                : List.of("--no-pci", "--no-telemetry", prefix, "-m", MEBIBYTES, "--no-huge", "--no-shconf");
    }

    /** A name for one EAL process of this run. */
    public static String filePrefix(final String who) {
        return who + "-" + ProcessHandle.current().pid();
    }
}
