package io.millrace.config.eal;

import io.millrace.config.EalConfig;
import io.millrace.config.PortConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.device.PortSpec;
import io.millrace.config.host.Host;
import io.millrace.config.problem.Located;
import java.util.ArrayList;
import java.util.List;

/** Builds the arguments of {@code rte_eal_init} for DPDK 22.11, without the program's name. */
public final class EalArguments {
    /** What the EAL and the drivers take beside the pool: rings, queues, the table of memory zones. */
    private static final int BASE_MEBIBYTES = 64;
    /** Mempool header, mbuf and private area, headroom, cache line padding. */
    private static final int BUFFER_OVERHEAD = 512;
    /** RTE_MBUF_DEFAULT_DATAROOM: what a buffer holds at least. */
    private static final int MIN_DATA_ROOM = 2048;
    /** Ethernet header with two VLAN tags. */
    private static final int LINK_HEADER = 22;

    private EalArguments() {}

    /**
     * The arguments for a configuration. They let two processes run side by side, and leave nothing in the file system
     * but DPDK's empty runtime folder.
     *
     * @param config tells devices, memory and options
     * @param host decides {@code hugepages: auto} and the CPUs
     * @param pid makes the file prefix unique
     */
    public static List<String> of(ServeConfig config, Host host, long pid) {
        return of(config.eal(), config.allDevices(), memoryFor(config), host, pid);
    }

    /**
     * The arguments for some devices.
     *
     * @param eal options
     * @param devices those that do not need DPDK are left out
     * @param mebibytes memory to reserve unless {@code eal} says otherwise
     * @param host decides {@code hugepages: auto} and the CPUs
     * @param pid makes the file prefix unique
     */
    public static List<String> of(EalConfig eal, List<PortSpec> devices, int mebibytes, Host host, long pid) {
        final List<String> arguments = new ArrayList<>();
        final Located<Integer> reserved = eal.memory();
        final int memory = reserved == null ? mebibytes : reserved.value();
        arguments.add("--file-prefix=millrace-" + pid);
        addMemory(eal, memory, host, arguments);
        addDevices(devices, arguments);
        // One lcore, free to run on any CPU: the shards are threads of ours and register themselves.
        final Located<String> lcores = eal.lcores();
        arguments.add("--lcores=" + (lcores == null ? "0@(" + host.allowedCpus() + ")" : lcores.value()));
        arguments.add("--log-level=" + eal.logLevel());
        if (!eal.telemetry()) {
            arguments.add("--no-telemetry");
        }
        eal.arguments().forEach(argument -> arguments.add(argument.value()));
        return List.copyOf(arguments);
    }

    private static void addMemory(EalConfig eal, int mebibytes, Host host, List<String> arguments) {
        final boolean hugepages = switch (eal.hugepages()) {
            case YES -> true;
            case NO -> false;
            case AUTO -> host.freeHugepageBytes() >= (long) mebibytes << 20;
        };
        if (hugepages) {
            arguments.add("--in-memory");
        } else {
            // --in-memory would be refused: DPDK 22.11 treats --no-huge as its legacy memory mode.
            arguments.add("--no-huge");
            arguments.add("--no-shconf");
        }
        arguments.add("-m");
        arguments.add(Integer.toString(mebibytes));
    }

    private static void addDevices(List<PortSpec> devices, List<String> arguments) {
        boolean pci = false;
        for (final PortSpec device : devices) {
            if (device instanceof PortSpec.Pci) {
                pci = true;
                arguments.add("--allow=" + device.text());
            } else if (device instanceof PortSpec.Vdev) {
                arguments.add("--vdev=" + device.text());
            }
        }
        if (!pci) {
            arguments.add("--no-pci");
        }
    }

    /**
     * The memory that a pool of the configured size needs.
     *
     * @return MiB
     */
    static int memoryFor(ServeConfig config) {
        int dataRoom = MIN_DATA_ROOM;
        for (final PortConfig port : config.ports()) {
            final Located<Integer> mtu = port.mtu();
            if (mtu != null) {
                dataRoom = Math.max(dataRoom, mtu.value() + LINK_HEADER);
            }
        }
        final long bytes = (long) config.poolSize() * (dataRoom + BUFFER_OVERHEAD);
        return BASE_MEBIBYTES + (int) ((bytes + (1 << 20) - 1) >> 20);
    }
}
