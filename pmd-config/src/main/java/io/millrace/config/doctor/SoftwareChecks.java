package io.millrace.config.doctor;

import io.millrace.config.host.Host;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JDK and DPDK. */
final class SoftwareChecks {
    private static final int MIN_JAVA = 25;
    private static final String ABI = "23";
    private static final List<String> FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/local/lib/x86_64-linux-gnu",
            "/usr/local/lib/aarch64-linux-gnu",
            "/usr/local/lib");
    private static final List<String> LIBRARIES =
            List.of("eal", "kvargs", "telemetry", "ring", "mempool", "mbuf", "net", "ethdev");
    /** The drivers that need no hardware. */
    private static final List<String> DRIVERS =
            List.of("af_packet", "af_xdp", "memif", "null", "pcap", "ring", "tap", "vhost", "virtio");

    private SoftwareChecks() {}

    static List<Finding> jdk(Machine machine) {
        final String what = machine.java() + " (" + machine.vendor() + ")";
        return List.of(
                machine.java().feature() >= MIN_JAVA
                        ? Finding.ok("JDK", what)
                        : Finding.fail(
                                "JDK",
                                what + " is older than " + MIN_JAVA,
                                "get one from https://adoptium.net/temurin/releases, unpack it into /usr/lib/jvm"));
    }

    static List<Finding> dpdk(Machine machine) {
        final Host host = machine.host();
        final List<Finding> findings = new ArrayList<>();
        String folder = null;
        for (final String candidate : FOLDERS) {
            if (folder == null && host.exists(candidate + "/librte_eal.so." + ABI)) {
                folder = candidate;
            }
        }
        if (folder == null) {
            findings.add(missing(host));
            return findings;
        }
        final String home = folder;
        final List<String> absent = LIBRARIES.stream()
                .map(name -> "librte_" + name + ".so." + ABI)
                .filter(file -> !host.exists(home + "/" + file))
                .toList();
        final String version = packageVersion(host);
        findings.add(
                absent.isEmpty()
                        ? Finding.ok("DPDK", (version == null ? "22.11" : version) + " in " + folder)
                        : Finding.fail("DPDK", folder + " lacks " + String.join(", ", absent), packages(absent)));
        findings.add(drivers(host, folder + "/dpdk/pmds-" + ABI + ".0"));
        return findings;
    }

    private static Finding missing(Host host) {
        for (final String folder : FOLDERS) {
            for (final String name : host.names(folder)) {
                if (name.matches("librte_eal\\.so\\.\\d+")) {
                    return Finding.fail(
                            "DPDK",
                            folder + "/" + name + " is another release than 22.11",
                            "install 22.11 beside it: 'apt-get install librte-eal23' on Debian 12");
                }
            }
        }
        return Finding.fail(
                "DPDK", "not installed", "'./millrace demo' installs it, or tells the command if it may not");
    }

    private static Finding drivers(Host host, String folder) {
        final List<String> names = host.names(folder);
        final List<String> present = DRIVERS.stream()
                .filter(name -> names.contains("librte_net_" + name + ".so." + ABI))
                .toList();
        final long hardware = names.stream()
                        .filter(name -> name.matches("librte_net_.*\\.so\\." + ABI))
                        .count()
                - present.size();
        final List<String> absent =
                DRIVERS.stream().filter(name -> !present.contains(name)).toList();
        if (absent.isEmpty()) {
            return Finding.ok("DPDK drivers", String.join(", ", present) + ", and " + hardware + " more in " + folder);
        }
        return Finding.warn(
                "DPDK drivers",
                String.join(", ", absent) + " missing in " + folder,
                packages(absent.stream().map(name -> "librte_net_" + name).toList()));
    }

    /** The command that installs the packages which Debian 12 ships some libraries in. */
    private static String packages(List<String> libraries) {
        return "sudo apt-get install -y "
                + String.join(
                        " ",
                        libraries.stream()
                                .map(library ->
                                        library.replaceFirst("\\.so.*", "").replace('_', '-') + ABI)
                                .toList());
    }

    /** What the package manager says of the version, for instance {@code 22.11.11}. */
    private static @Nullable String packageVersion(Host host) {
        boolean found = false;
        for (final String line : host.lines("/var/lib/dpkg/status")) {
            if (line.startsWith("Package: ")) {
                found = line.equals("Package: librte-eal" + ABI);
            } else if (found && line.startsWith("Version: ")) {
                return line.substring(9).replaceFirst("-.*", "");
            }
        }
        return null;
    }
}
