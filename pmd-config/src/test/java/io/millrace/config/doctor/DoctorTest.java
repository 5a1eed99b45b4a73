package io.millrace.config.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.config.ServeConfig;
import io.millrace.config.doctor.Finding.Status;
import io.millrace.config.file.ConfigFile;
import io.millrace.config.host.Host;
import io.millrace.config.problem.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DoctorTest {
    private static final String LIB = "usr/lib/x86_64-linux-gnu/";

    @TempDir
    private Path root;

    private final Map<String, String> commands = new HashMap<>();
    private String java = "25.0.3+9";

    private void file(String path, String text) throws IOException {
        final Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    private void dpdk(String... without) throws IOException {
        for (final String name : List.of("eal", "kvargs", "telemetry", "ring", "mempool", "mbuf", "net", "ethdev")) {
            file(LIB + "librte_" + name + ".so.23", "");
        }
        for (final String name :
                List.of("af_packet", "af_xdp", "memif", "null", "pcap", "ring", "tap", "vhost", "virtio", "ice")) {
            file(LIB + "dpdk/pmds-23.0/librte_net_" + name + ".so.23", "");
            file(LIB + "dpdk/pmds-23.0/librte_net_" + name + ".so.23.0", "");
        }
        for (final String name : without) {
            Files.delete(root.resolve(LIB + name));
        }
    }

    private void veth(String name, boolean offload) throws IOException {
        file("sys/class/net/" + name + "/ifindex", "5");
        file("sys/class/net/" + name + "/iflink", "4");
        file("sys/class/net/" + name + "/type", "1");
        file("sys/class/net/" + name + "/uevent", "INTERFACE=" + name + "\nIFINDEX=5");
        commands.put("ethtool -k " + name, "Features for " + name + ":\ntx-checksumming: " + (offload ? "on" : "off"));
    }

    private List<Finding> examine() {
        return Doctor.examine(machine());
    }

    private Machine machine() {
        return new Machine(
                new Host(root),
                Runtime.Version.parse(java),
                "Tester",
                command -> commands.get(String.join(" ", command)));
    }

    private Finding finding(String topic) {
        return examine().stream()
                .filter(finding -> finding.topic().equals(topic))
                .findFirst()
                .orElseThrow(() -> new AssertionError(topic + " was not checked"));
    }

    private void assertFinding(Status status, String topic, String what, String mend) {
        final Finding finding = finding(topic);
        assertEquals(status, finding.status(), finding::toString);
        assertTrue(finding.what().contains(what), finding::toString);
        if (mend.isEmpty()) {
            assertNull(finding.mend(), finding::toString);
        } else {
            assertNotNull(finding.mend());
            assertTrue(finding.mend().contains(mend), finding::toString);
        }
    }

    @Test
    void shouldSayHowToMendEveryFindingWhenMachineIsEmpty() {
        final List<Finding> findings = examine();
        assertFalse(findings.isEmpty());
        for (final Finding finding : findings) {
            assertEquals(finding.status() == Status.OK, finding.mend() == null, finding::toString);
            assertEquals(1, finding.what().lines().count(), finding::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"25.0.3+9, OK, ''", "26-ea, OK, ''", "24.0.2, FAIL, adoptium.net"})
    void shouldDemandJava25(String version, Status status, String mend) {
        java = version;
        assertFinding(status, "JDK", version + " (Tester)", mend);
    }

    @Test
    void shouldNameThePackageVersionWhenDpdkIsThere() throws IOException {
        dpdk();
        file(
                "var/lib/dpkg/status",
                "Package: librte-eal23\nStatus: install ok installed\nVersion: 22.11.11-0+deb12u1\n\n"
                        + "Package: other\nVersion: 1");
        assertFinding(Status.OK, "DPDK", "22.11.11 in /usr/lib/x86_64-linux-gnu", "");
        assertFinding(Status.OK, "DPDK drivers", "and 1 more", "");
    }

    @Test
    void shouldNameThePackagesWhenLibrariesOrDriversAreMissing() throws IOException {
        dpdk("librte_mbuf.so.23", "dpdk/pmds-23.0/librte_net_af_xdp.so.23");
        assertFinding(Status.FAIL, "DPDK", "lacks librte_mbuf.so.23", "apt-get install -y librte-mbuf23");
        assertFinding(Status.WARN, "DPDK drivers", "af_xdp missing", "apt-get install -y librte-net-af-xdp23");
    }

    @Test
    void shouldTellAnotherReleaseFromNoneWhenDpdkIsMissing() throws IOException {
        assertFinding(Status.FAIL, "DPDK", "not installed", "./millrace demo");
        file(LIB + "librte_eal.so.25", "");
        assertFinding(Status.FAIL, "DPDK", "librte_eal.so.25 is another release than 22.11", "librte-eal23");
    }

    @Test
    void shouldReportHugepagesOfEachNodeWhenThereAreTwo() throws IOException {
        for (int node = 0; node < 2; node++) {
            final String folder = "sys/devices/system/node/node" + node + "/hugepages/hugepages-";
            file(folder + "2048kB/nr_hugepages", "512");
            file(folder + "2048kB/free_hugepages", node == 0 ? "64" : "63");
            file(folder + "1048576kB/nr_hugepages", "0");
            file(folder + "1048576kB/free_hugepages", "0");
        }
        final List<Finding> findings = examine().stream()
                .filter(finding -> finding.topic().equals("hugepages"))
                .toList();
        assertEquals(
                List.of(
                        Finding.ok("hugepages", "NUMA node 0: 64 of 512 free at 2 MiB, 0 of 0 free at 1024 MiB"),
                        Finding.warn(
                                "hugepages",
                                "NUMA node 1: 63 of 512 free at 2 MiB, 0 of 0 free at 1024 MiB; DPDK falls back to"
                                        + " ordinary memory",
                                "echo 256 | sudo tee"
                                        + " /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages")),
                findings);
    }

    @Test
    void shouldReportHugepagesOfTheMachineWhenKernelHasNoNodes() throws IOException {
        file("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0");
        file("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0");
        assertFinding(Status.WARN, "hugepages", "this machine: 0 of 0 free at 2 MiB", "echo 256");
    }

    @ParameterizedTest
    @CsvSource({
        "unlimited, 0, OK, unlimited",
        "134217728, 0, OK, limited to 131072 KiB",
        "65536, 0, WARN, too little",
        "65536, 0000000000004000, OK, CAP_IPC_LOCK",
    })
    void shouldJudgeTheLimitOfLockedMemoryByCapability(String limit, String caps, Status status, String what)
            throws IOException {
        file(
                "proc/self/limits",
                "Limit   Soft Limit Hard Limit Units\nMax locked memory         " + limit + "  9  bytes");
        file("proc/self/status", "CapEff:\t" + caps);
        assertFinding(status, "locked memory", what, status == Status.OK ? "" : "ulimit -l unlimited");
    }

    @ParameterizedTest
    @CsvSource({
        "0000000000000000, WARN, WARN, WARN",
        "0000000000002000, OK, WARN, WARN",
        "0000000000003000, OK, OK, WARN",
        "0000008000003000, OK, OK, OK",
        "000001ffffffffff, OK, OK, OK",
    })
    void shouldReadCapabilitiesFromTheirBits(String caps, Status raw, Status admin, Status bpf) throws IOException {
        file("proc/self/status", "Name:\tjava\nCapEff:\t" + caps);
        assertEquals(raw, finding("CAP_NET_RAW").status());
        assertEquals(admin, finding("CAP_NET_ADMIN").status());
        assertEquals(bpf, finding("CAP_BPF").status());
    }

    @Test
    void shouldSayWhichSwitchForbidsNamespaces() throws IOException {
        assertFinding(Status.WARN, "namespaces", "switched off", "max_user_namespaces");
        file("proc/sys/user/max_user_namespaces", "1000");
        assertFinding(Status.OK, "namespaces", "within a user namespace", "");
        file("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1");
        assertFinding(Status.WARN, "namespaces", "AppArmor", "apparmor_restrict_unprivileged_userns=0");
        file("proc/sys/kernel/unprivileged_userns_clone", "0");
        assertFinding(Status.WARN, "namespaces", "only root", "unprivileged_userns_clone=1");
    }

    @Test
    void shouldListNicsWithTheirDriversWhenThereAreSome() throws IOException {
        final String nic = "sys/bus/pci/devices/0000:01:00.";
        for (int function = 0; function < 3; function++) {
            file(nic + function + "/class", "0x020000");
        }
        file("sys/bus/pci/devices/0000:00:00.0/class", "0x060000");
        Files.createSymbolicLink(root.resolve(nic + "0/driver"), Path.of("../../../bus/pci/drivers/vfio-pci"));
        Files.createSymbolicLink(root.resolve(nic + "1/driver"), Path.of("../../../bus/pci/drivers/ixgbe"));
        file("sys/kernel/iommu_groups/0/type", "DMA");
        file("dev/vfio/vfio", "");
        assertFinding(Status.OK, "NIC 0000:01:00.0", "--port 0000:01:00.0", "");
        assertFinding(Status.OK, "NIC 0000:01:00.1", "ixgbe", "");
        assertFinding(Status.WARN, "NIC 0000:01:00.2", "no driver", "--bind=vfio-pci 0000:01:00.2");
        assertFinding(Status.OK, "IOMMU", "1 groups", "");
        assertFinding(Status.OK, "vfio", "loaded", "");
        assertTrue(examine().stream().noneMatch(finding -> finding.topic().equals("NIC 0000:00:00.0")));
    }

    @Test
    void shouldFindTheVethThatOffloadsChecksums() throws IOException {
        file(
                "proc/thread-self/net/dev",
                "Inter-|   Receive\n face |bytes\n    lo: 0 0\n   mr0: 0 0\n   mr1: 0 0\n  eth0: 0 0\n   vl0: 0 0");
        file("sys/class/net/eth0/ifindex", "2");
        file("sys/class/net/eth0/iflink", "2");
        file("sys/class/net/eth0/type", "1");
        veth("mr0", false);
        veth("mr1", true);
        veth("vl0", true);
        file("sys/class/net/vl0/uevent", "DEVTYPE=vlan\nINTERFACE=vl0");
        assertFinding(Status.WARN, "checksums on veth", "on mr1, so", "sudo ethtool -K mr1 tx off");
        veth("mr1", false);
        assertFinding(Status.OK, "checksums on veth", "in software on mr0, mr1", "");
        commands.clear();
        assertFinding(Status.WARN, "checksums on veth", "without ethtool", "apt-get install -y ethtool");
    }

    @Test
    void shouldJudgeCpusByIsolationAndGovernor() throws IOException {
        file("proc/self/status", "Cpus_allowed_list:\t0-3");
        assertFinding(Status.WARN, "CPUs", "none isolated, allowed: 0-3", "isolcpus=");
        assertFinding(Status.OK, "CPU governor", "does not scale", "");
        file("sys/devices/system/cpu/isolated", "2-3");
        file("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance");
        file("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave");
        assertFinding(Status.OK, "CPUs", "isolated: 2-3", "");
        assertFinding(Status.WARN, "CPU governor", "performance, powersave", "scaling_governor");
        file("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance");
        assertFinding(Status.OK, "CPU governor", "performance", "");
    }

    @Test
    void shouldTellWhichCpusAndNicsEachMemoryNodeHas() throws IOException {
        assertFinding(Status.OK, "NUMA", "one for everything", "");
        file("sys/devices/system/node/node0/cpulist", "0,2");
        file("sys/devices/system/node/possible", "0");
        assertFinding(Status.OK, "NUMA", "node 0: CPUs 0,2; the only one", "");
        file("sys/devices/system/node/node10/cpulist", "");
        file("sys/devices/system/node/node1/cpulist", "1,3");
        for (int card = 0; card < 3; card++) {
            file("sys/bus/pci/devices/0000:0" + card + ":00.0/class", card == 2 ? "0x010000" : "0x020000");
            file("sys/bus/pci/devices/0000:0" + card + ":00.0/numa_node", "1");
        }
        final List<String> told = examine().stream()
                .filter(finding -> finding.topic().equals("NUMA"))
                .map(Finding::what)
                .toList();
        assertEquals(
                List.of("node 0: CPUs 0,2", "node 1: CPUs 1,3, NICs 0000:00:00.0, 0000:01:00.0", "node 10: no CPUs"),
                told);
    }

    @Test
    void shouldWarnWhenAConfigurationPutsShardsFarFromItsCard() throws IOException {
        for (int node = 0; node < 2; node++) {
            Files.createDirectories(root.resolve("sys/devices/system/cpu/cpu" + node + "/node" + node));
        }
        file("sys/bus/pci/devices/0000:81:00.0/numa_node", "1");
        final String yaml = "ports: [{device: \"0000:81:00.0\", addresses: 192.0.2.1/24}]\ntcp: echo:7\ncpus: ";
        final Finding far = last(yaml + "0");
        assertEquals(Status.WARN, far.status());
        assertEquals("shard 0 runs on CPU 0 of NUMA node 0, 0000:81:00.0 is on node 1", far.what());
        assertEquals("choose CPUs of that node", far.mend());
        final Finding near = last(yaml + "1");
        assertEquals(Status.OK, near.status());
        assertTrue(near.what().contains("near its devices"), near::what);
    }

    private Finding last(String yaml) {
        final Problems problems = new Problems();
        final ServeConfig config =
                ConfigFile.parse("test.yaml", yaml, root, problems).resolve();
        assertEquals(List.of(), problems.lines());
        assertNotNull(config);
        return Doctor.examine(machine(), config).getLast();
    }

    @Test
    void shouldFindSomethingOnEveryTopicWhenMachineIsThisOne() {
        assertTrue(Doctor.examine(Machine.local()).size() >= 10);
    }
}
