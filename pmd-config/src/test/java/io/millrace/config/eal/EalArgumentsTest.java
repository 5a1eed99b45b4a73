package io.millrace.config.eal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.millrace.config.ServeConfig;
import io.millrace.config.file.ConfigFile;
import io.millrace.config.host.Host;
import io.millrace.config.problem.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EalArgumentsTest {
    private static final String VIRTUAL = """
            ports:
              - device: net_af_packet0,iface=mr0
                addresses: 192.0.2.1/24
            pool-size: 1024
            """;

    @TempDir
    private Path root;

    private List<String> arguments(String yaml) throws IOException {
        write("/proc/self/status", "Name:\tjava\nCpus_allowed_list:\t0-1\n");
        final Problems problems = new Problems();
        final ServeConfig config =
                ConfigFile.parse("test.yaml", yaml, root, problems).resolve();
        assertEquals(List.of(), problems.lines());
        assertNotNull(config);
        return EalArguments.of(config, new Host(root), 42);
    }

    private void write(String path, String text) throws IOException {
        final Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void hugepages(int free) throws IOException {
        write("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", free + "\n");
    }

    @Test
    void shouldDoWithoutHugepagesAndPciWhenThereAreNone() throws IOException {
        assertEquals(
                List.of(
                        "--file-prefix=millrace-42",
                        "--no-huge",
                        "--no-shconf",
                        "-m",
                        "67",
                        "--vdev=net_af_packet0,iface=mr0",
                        "--no-pci",
                        "--lcores=0@(0-1)",
                        "--log-level=warning",
                        "--no-telemetry"),
                arguments(VIRTUAL));
    }

    @Test
    void shouldUseHugepagesWhenEnoughAreFree() throws IOException {
        hugepages(34);
        assertEquals(List.of("--in-memory", "-m", "67"), arguments(VIRTUAL).subList(1, 4));
    }

    @Test
    void shouldLeaveHugepagesAloneWhenTooFewAreFree() throws IOException {
        hugepages(33);
        assertEquals("--no-huge", arguments(VIRTUAL).get(1));
    }

    @Test
    void shouldLeaveHugepagesAloneWhenToldTo() throws IOException {
        hugepages(1000);
        assertEquals("--no-huge", arguments(VIRTUAL + "eal: {hugepages: no}\n").get(1));
    }

    @Test
    void shouldAllowOnlyTheDevicesNamedWhenTheyArePci() throws IOException {
        final List<String> arguments = arguments("""
                ports:
                  - {device: "01:00.0", addresses: 192.0.2.1/24, mtu: 9000}
                  - {device: "0000:02:00.0,mprq_en=1", addresses: 198.51.100.1/24}
                  - {device: "tap:mr0", addresses: 203.0.113.1/24}
                eal: {hugepages: yes, memory: 512, lcores: "0@1", log-level: debug, telemetry: true, arguments: [-v]}
                """);
        assertEquals(
                List.of(
                        "--file-prefix=millrace-42",
                        "--in-memory",
                        "-m",
                        "512",
                        "--allow=0000:01:00.0",
                        "--allow=0000:02:00.0,mprq_en=1",
                        "--lcores=0@1",
                        "--log-level=debug",
                        "-v"),
                arguments);
    }

    @Test
    void shouldReserveMoreMemoryWhenFramesAreLarger() throws IOException {
        final List<String> jumbo = arguments(VIRTUAL.replace("addresses", "mtu: 9000\n    addresses"));
        assertEquals("74", jumbo.get(jumbo.indexOf("-m") + 1));
    }
}
