package io.millrace.bench.appliance;

import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ServerPorts;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.port.Port;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The nodes of an appliance alone: without a thread, a control socket, or changes that come from Linux. */
public final class ApplianceGraph {
    private ApplianceGraph() {}

    /**
     * Connects the nodes as {@code forward} does.
     *
     * @param plan with an appliance
     * @param ports those of the plan, in its order
     * @param cache of the thread that will poll the graph
     * @param hosts for each port what stands for Linux's end of it, or null if Linux has no part in it; whoever opened it
     *     closes it
     * @return which the caller closes, before the ports
     */
    public static Graph of(
            final ServePlan plan, final ServerPorts ports, final PoolCache cache, final List<@Nullable Port> hosts) {
        final HostPorts ends = HostPorts.of(hosts, cache);
        final Wiring wiring = new Wiring(plan, ports, cache, ends);
        final HostSide side = wiring.hostSide();
        for (int i = 0; side != null && i < ends.size(); i++) {
            side.addresses(i); // from where the way to the host knows them
        }
        return wiring.graph();
    }
}
