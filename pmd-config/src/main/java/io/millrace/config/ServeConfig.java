package io.millrace.config;

import io.millrace.config.device.PortSpec;
import io.millrace.config.problem.Located;
import io.millrace.config.tcp.TcpSetting;
import io.millrace.config.tcp.TcpValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that {@code serve} or {@code forward} needs to know, complete and consistent; made by {@link
 * ServeSettings#resolve}.
 *
 * @param ports at least one
 * @param tcp services over TCP, each on a port of its own
 * @param udp services over UDP, each on a port of its own
 * @param httpRoot the folder that {@link ServiceKind#HTTP} shows, which exists; null for a page of its own
 * @param shards how many poll loops, at least one
 * @param places most shards that may run at the same time, at least {@code shards}
 * @param cpus the CPU of each place in order, empty to leave them to the scheduler
 * @param idle what a shard does without work
 * @param poolSize packet buffers in the pool
 * @param capture where to write every packet, null for nowhere
 * @param statsJson where to write the summary, null for nowhere
 * @param instance name that commands find the server by, null for one made of its process id
 * @param forward whether packets for others go from port to port
 * @param flowLabels whether what we send over IPv6 carries flow labels
 * @param appliance what {@code forward} is to do, null if nothing is said of it
 * @param eal for the ports that need DPDK
 * @param tcpSettings what is set of TCP, times in microseconds; what is not is as usual
 * @param keys what segments of the services over TCP are signed with
 */
public record ServeConfig(
        List<PortConfig> ports,
        List<Located<ServiceSpec>> tcp,
        List<Located<ServiceSpec>> udp,
        @Nullable Located<Path> httpRoot,
        int shards,
        int places,
        List<Integer> cpus,
        IdleMode idle,
        int poolSize,
        @Nullable CaptureConfig capture,
        @Nullable Located<Path> statsJson,
        @Nullable String instance,
        boolean forward,
        boolean flowLabels,
        @Nullable ApplianceConfig appliance,
        EalConfig eal,
        Map<TcpSetting, Located<TcpValue>> tcpSettings,
        List<KeyConfig> keys) {
    /** Default of {@code shards}. */
    public static final int DEFAULT_SHARDS = 1;
    /** Default of {@code pool-size}: two full bursts of descriptors, a thousand queued packets, and room to spare. */
    public static final int DEFAULT_POOL_SIZE = 16 * 1024;
    /** Default of {@code idle}. */
    public static final IdleMode DEFAULT_IDLE = IdleMode.BACKOFF;
    /** Default of {@code eal.log-level}: DPDK's own notices are nothing a user has to see. */
    public static final String DEFAULT_LOG_LEVEL = "warning";

    /** The devices in the order of the ports. */
    public List<PortSpec> devices() {
        return ports.stream().map(port -> port.device().value()).toList();
    }

    /** All devices to open: the ports' own, and those that packets are mirrored to. */
    public List<PortSpec> allDevices() {
        final List<PortSpec> all = new ArrayList<>(devices());
        for (final PortConfig port : ports) {
            final Located<PortSpec> mirror = port.middleware().mirror();
            if (mirror != null) {
                all.add(mirror.value());
            }
        }
        return all;
    }

    /** Whether DPDK has to be started at all. */
    public boolean needsDpdk() {
        return allDevices().stream().anyMatch(PortSpec::needsDpdk);
    }
}
