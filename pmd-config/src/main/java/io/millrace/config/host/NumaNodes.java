package io.millrace.config.host;

import io.millrace.config.PortConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.device.PortSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * On which memory node of the machine devices and CPUs are. Packets belong on the node of the device that writes them,
 * and the shard that reads them on a CPU of that node; elsewhere each access crosses to the other node's memory.
 */
public final class NumaNodes {
    /** No node in particular: the machine has but one, or does not say. */
    public static final int ANY = -1;

    private static final String NODE = "node";

    private final Host host;

    /** Of a machine. */
    public NumaNodes(Host host) {
        this.host = host;
    }

    /**
     * Something that is not where it should be.
     *
     * @param what what is where
     * @param mend what to do
     */
    public record Misplaced(String what, String mend) {
        /** Both in one sentence. */
        @Override
        public String toString() {
            return what + "; " + mend;
        }
    }

    /** The nodes of the machine in their order; none if the kernel does not know them. */
    public List<Integer> all() {
        return host.names("/sys/devices/system/node").stream()
                .filter(name -> name.matches(NODE + "\\d{1,4}"))
                .map(name -> Integer.parseInt(name.substring(NODE.length())))
                .sorted()
                .toList();
    }

    /** The node of a CPU, or {@link #ANY}. */
    public int ofCpu(int cpu) {
        for (final String name : host.names("/sys/devices/system/cpu/cpu" + cpu)) {
            if (name.matches(NODE + "\\d{1,4}")) {
                return Integer.parseInt(name.substring(NODE.length()));
            }
        }
        return ANY;
    }

    /** The node of a port's device, or {@link #ANY}. */
    public int ofDevice(PortSpec spec) {
        return switch (spec) {
            case PortSpec.Pci pci -> node("/sys/bus/pci/devices/" + pci.address() + "/numa_node");
            case PortSpec.Vdev vdev -> {
                final String device = vdev.parameters().get("iface");
                yield device == null ? ANY : node("/sys/class/net/" + device + "/device/numa_node");
            }
            case PortSpec.Tap tap -> ANY;
            case PortSpec.Tun tun -> ANY;
            case PortSpec.Packet packet -> node("/sys/class/net/" + packet.name() + "/device/numa_node");
            case PortSpec.Replay file -> ANY;
        };
    }

    /** The node for the pool that all ports share: that of the first port that has one. */
    public int ofPool(ServeConfig config) {
        for (final PortConfig port : config.ports()) {
            final int node = ofDevice(port.device().value());
            if (node != ANY) {
                return node;
            }
        }
        return ANY;
    }

    /** What is not where it should be; it works all the same. */
    public List<Misplaced> misplaced(ServeConfig config) {
        final List<Misplaced> found = new ArrayList<>();
        final int pool = ofPool(config);
        for (final PortConfig port : config.ports()) {
            final PortSpec device = port.device().value();
            final int node = ofDevice(device);
            if (node == ANY) {
                continue;
            }
            if (node != pool) {
                found.add(new Misplaced(
                        device.text() + " is on NUMA node " + node + ", its packet buffers on node " + pool,
                        "run a server for the devices of each node"));
            }
            for (int shard = 0; shard < config.cpus().size(); shard++) {
                final int cpu = config.cpus().get(shard);
                final int near = ofCpu(cpu);
                if (near != ANY && near != node) {
                    found.add(new Misplaced(
                            "shard " + shard + " runs on CPU " + cpu + " of NUMA node " + near + ", " + device.text()
                                    + " is on node " + node,
                            "choose CPUs of that node"));
                }
            }
        }
        return found;
    }

    private int node(String file) {
        final long number = host.number(file).orElse(ANY);
        return number < 0 || number > Short.MAX_VALUE ? ANY : (int) number;
    }
}
