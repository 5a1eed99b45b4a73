package io.millrace.bench.plan;

import io.millrace.config.PortConfig;
import io.millrace.config.ServeConfig;
import io.millrace.config.ServeSettings;
import io.millrace.config.device.PortSpec;
import io.millrace.config.host.DeviceChecks;
import io.millrace.config.host.Host;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.stack.StackConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Checks settings as a whole and makes a plan of them. They all have their say before the first one of them stops
 * anything, so that whoever wrote the settings learns of every mistake at once.
 */
public final class PlanChecks {
    private final Host host;
    private final boolean needAddresses;
    private final BiConsumer<List<Located<Integer>>, Problems> cpus;

    private PlanChecks(Host host, boolean needAddresses, BiConsumer<List<Located<Integer>>, Problems> cpus) {
        this.host = host;
        this.needAddresses = needAddresses;
        this.cpus = cpus;
    }

    /** Those for a plan that is carried out by this process. */
    public static PlanChecks here() {
        return new PlanChecks(Host.local(), true, CpuChecks::check);
    }

    /** Those for a machine that may be another, of whose CPUs nothing is known. */
    public static PlanChecks of(Host host) {
        return new PlanChecks(host, true, (given, problems) -> {});
    }

    /** The same, but ports need no addresses. */
    public PlanChecks withoutAddresses() {
        return new PlanChecks(host, false, cpus);
    }

    /**
     * Checks settings.
     *
     * @param problems those of the settings so far
     * @throws io.millrace.config.problem.ConfigException with every problem there is
     */
    public ServePlan plan(ServeSettings settings, Problems problems) {
        final List<PortAddresses> addresses = new ArrayList<>();
        final AddressChecks addressChecks = new AddressChecks(problems);
        final DeviceChecks deviceChecks = new DeviceChecks(host, problems);
        final ServeConfig resolved = settings.resolve(needAddresses, port -> {
            checkDevices(port, deviceChecks);
            addresses.add(addressChecks.check(port));
        });
        StackConfig stack = StackConfig.defaults();
        List<ServiceKey> keys = List.of();
        if (resolved != null) {
            final TcpConfigBuilder tcp = TcpTuning.apply(resolved.tcpSettings(), problems);
            stack = problems.isEmpty() ? stack.withTcp(tcp.build()) : stack;
            FilterChecks.check(resolved, problems);
            FaultChecks.check(resolved, problems);
            keys = KeyChecks.check(resolved, problems);
            cpus.accept(settings.cpus(), problems);
        }
        problems.throwIfAny();
        final ServeConfig config = Objects.requireNonNull(resolved);
        return new ServePlan(config, List.copyOf(addresses), stack.withFlowLabels(config.flowLabels()), keys);
    }

    private static void checkDevices(PortConfig port, DeviceChecks checks) {
        checks.check(port.device());
        final Located<PortSpec> mirror = port.middleware().mirror();
        if (mirror != null) {
            checks.check(mirror);
        }
    }
}
