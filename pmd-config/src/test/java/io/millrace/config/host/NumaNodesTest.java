package io.millrace.config.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.millrace.config.ServeConfig;
import io.millrace.config.file.ConfigFile;
import io.millrace.config.problem.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine of two nodes with CPUs 0 and 2 on the first, 1 and 3 on the second, and a card on each. */
final class NumaNodesTest {
    private static final String NEAR = "0000:01:00.0";
    private static final String FAR = "0000:81:00.0";

    @TempDir
    private Path root;

    @BeforeEach
    void machine() throws IOException {
        for (int cpu = 0; cpu < 4; cpu++) {
            Files.createDirectories(root.resolve("sys/devices/system/cpu/cpu" + cpu + "/node" + cpu % 2));
        }
        write("sys/bus/pci/devices/" + NEAR + "/numa_node", "0\n");
        write("sys/bus/pci/devices/" + FAR + "/numa_node", "1\n");
        write("sys/class/net/mr0/device/numa_node", "-1\n");
    }

    private void write(String path, String text) throws IOException {
        final Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String ports(String... devices) {
        final StringBuilder yaml = new StringBuilder("ports:\n");
        for (int i = 0; i < devices.length; i++) {
            yaml.append("  - {device: \"" + devices[i] + "\", addresses: 192.0." + i + ".1/24}\n");
        }
        return yaml.toString();
    }

    private ServeConfig config(String yaml) {
        final Problems problems = new Problems();
        final ServeConfig config =
                ConfigFile.parse("test.yaml", yaml, root, problems).resolve();
        assertEquals(List.of(), problems.lines());
        assertNotNull(config);
        return config;
    }

    @Test
    void shouldPutThePoolOnTheNodeOfTheCard() {
        final NumaNodes nodes = new NumaNodes(new Host(root));
        final ServeConfig config = config(ports(FAR) + "shards: 2\ncpus: [1, 3]\n");
        assertEquals(1, nodes.ofPool(config));
        assertEquals(List.of(), nodes.misplaced(config));
        assertEquals(NumaNodes.ANY, nodes.ofPool(config(ports("net_af_packet0,iface=mr0"))));
        assertEquals(NumaNodes.ANY, nodes.ofPool(config(ports("tap:t0"))));
        assertEquals(NumaNodes.ANY, nodes.ofCpu(9));
    }

    @Test
    void shouldTellOfShardsAndCardsThatAreFarApart() {
        final NumaNodes nodes = new NumaNodes(new Host(root));
        assertEquals(
                List.of("shard 1 runs on CPU 3 of NUMA node 1, " + NEAR + " is on node 0; choose CPUs of that node"),
                told(nodes, ports(NEAR) + "shards: 2\ncpus: [0, 3]\n"));
        assertEquals(
                List.of(FAR + " is on NUMA node 1, its packet buffers on node 0; run a server for the devices of each"
                        + " node"),
                told(nodes, ports(NEAR, FAR)));
    }

    private List<String> told(NumaNodes nodes, String yaml) {
        return nodes.misplaced(config(yaml)).stream()
                .map(NumaNodes.Misplaced::toString)
                .toList();
    }
}
