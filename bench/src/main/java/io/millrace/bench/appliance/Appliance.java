package io.millrace.bench.appliance;

import io.millrace.bench.control.ControlSocket;
import io.millrace.bench.control.PortRequests;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.LiveCounters;
import io.millrace.bench.serve.Running;
import io.millrace.bench.serve.ServeSummary;
import io.millrace.bench.serve.ServerPorts;
import io.millrace.config.ApplianceConfig;
import io.millrace.config.problem.Located;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.pcap.CaptureFormat;
import io.millrace.dataplane.port.pcap.CaptureOptions;
import io.millrace.dataplane.port.pcap.PcapFile;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.stack.Stack;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.MacAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A running appliance: ports, nodes, and the thread that runs them. Starts as a whole or not at all.
 *
 * <p>Controlled by one thread at a time, but for {@link #record}.
 */
final class Appliance implements Running {
    /** Handles in the thread's cache. */
    private static final int CACHE = 512;

    private final ServePlan plan;
    private final ApplianceConfig config;
    private final long originNanos = System.nanoTime();
    private final long epochOffsetMicros = System.currentTimeMillis() * 1_000 - ShardOptions.monotonicMicros();
    private final ServerPorts ports;
    private final PoolCache cache;
    private @Nullable HostPorts hosts;
    private @Nullable HostSync sync;
    private @Nullable Wiring wiring;
    private @Nullable ShardRunner runner;
    private @Nullable Recording recording;
    private @Nullable ServeSummary summary;
    private boolean stopped;

    private Appliance(ServePlan plan) {
        this.plan = plan;
        this.config = Objects.requireNonNull(plan.config().appliance());
        this.ports = ServerPorts.open(plan.config(), epochOffsetMicros);
        this.cache = new PoolCache(ports.pool(), CACHE);
    }

    /**
     * Starts an appliance; when this returns, packets flow.
     *
     * @param plan with an appliance in its configuration
     * @throws io.millrace.bench.command.UserErrorException with what the user can mend
     * @throws io.millrace.dataplane.port.PortException if a port cannot be opened
     */
    public static Appliance start(ServePlan plan) {
        final Appliance appliance = new Appliance(plan);
        try {
            appliance.startAll();
            return appliance;
        } catch (RuntimeException e) {
            appliance.close();
            throw e;
        }
    }

    private void startAll() {
        final HostPorts shared = HostPorts.open(plan, ports, cache);
        hosts = shared;
        final Wiring wired = new Wiring(plan, ports, cache, shared);
        wiring = wired;
        final HostSide side = wired.hostSide();
        if (side != null) {
            sync = new HostSync(shared, side);
        }
        final Recording recorded = new Recording(wired.recorders());
        recording = recorded;
        final Located<Path> file = config.record();
        if (file != null && !wired.recorders().isEmpty()) {
            recorded.change(open(file.value()), Runnable::run);
        }
        final List<Integer> cpus = plan.config().cpus();
        runner = ShardRunner.start(
                ports.threadOptions("pipeline", plan.config())
                        .withCpu(cpus.isEmpty() ? ShardOptions.ANY_CPU : cpus.getFirst()),
                wired.graph());
        if (sync != null) {
            sync.start(this::execute);
        }
    }

    private PcapFile open(Path file) {
        final long mebibyte = 1L << 20;
        final Located<String> filter = config.recordFilter();
        return PcapFile.create(
                file,
                medium(),
                epochOffsetMicros,
                CaptureOptions.DEFAULT
                        .withFormat(CaptureFormat.PCAPNG)
                        .withSnapLength(config.snapLength())
                        .withFilter(filter == null ? null : PacketFilter.compile(filter.value(), medium()))
                        .withRotation(
                                config.fileSize() * mebibyte, Duration.ofSeconds(config.fileAge()), config.files()));
    }

    /** The nodes. */
    Wiring wiring() {
        return Objects.requireNonNull(wiring);
    }

    /** What keeps Linux and the router in step; null if they have nothing in common. */
    @Nullable
    HostSync sync() {
        return sync;
    }

    /** The ports' names, in the order of their numbers. */
    List<String> portNames() {
        return ports.ports().stream().map(port -> port.info().name()).toList();
    }

    /** What packets begin with. */
    Medium medium() {
        return ports.ports().getFirst().info().medium();
    }

    /** Has something run by the thread of the nodes, between two polls; returns whether it will. */
    boolean execute(Runnable command) {
        return runner != null && runner.execute(command);
    }

    /** Microseconds since 1970, less the time of the poll loop. */
    long epochOffsetMicros() {
        return epochOffsetMicros;
    }

    /**
     * Lets the recorders go on in another file, or stop. Not on the thread of the nodes.
     *
     * @param file null to stop
     * @param onThread has something done on the thread of the nodes, and waits for it
     * @throws io.millrace.dataplane.port.PortException if the file cannot be written; then nothing changes
     */
    synchronized void record(@Nullable Path file, Consumer<Runnable> onThread) {
        Objects.requireNonNull(recording).change(file == null ? null : open(file), onThread);
    }

    @Override
    public String readyLine() {
        final StringBuilder line =
                new StringBuilder("ready mode=").append(config.mode().text());
        for (int i = 0; i < ports.ports().size(); i++) {
            final PortInfo info = ports.ports().get(i).info();
            line.append(" port=").append(info.name());
            line.append(" driver=").append(info.driver());
            if (config.mode().needsAddresses()) {
                line.append(" mac=").append(ports.macAddress(plan, i));
                line.append(" address=")
                        .append(plan.addresses().get(i).own().stream()
                                .map(Cidr::toString)
                                .collect(Collectors.joining(",")));
            } else {
                line.append(" mac=").append(new MacAddress(info.macAddress()));
            }
        }
        return line.toString();
    }

    @Override
    public LiveCounters.Sample sample() {
        final Stack stack = wiring().router();
        return ports.sample(
                LiveCounters.NO_CONNECTIONS,
                wiring().graph().drops() + (stack == null ? 0 : stack.counters().drops()));
    }

    @Override
    public List<String> news() {
        return ports.news();
    }

    @Override
    public ControlSocket.Service control() {
        return new PortRequests(ports.ports(), ports.controls(), new ApplianceControl(this));
    }

    @Override
    public @Nullable Throwable failure() {
        return runner == null ? null : runner.failure();
    }

    @Override
    public synchronized ServeSummary stop() {
        ServeSummary done = summary;
        if (done == null) {
            stopped = true;
            if (sync != null) {
                sync.close();
            }
            if (runner != null) {
                runner.close(); // closes the graph, too
            } else if (wiring != null) {
                wiring.graph().close();
            }
            if (hosts != null) {
                hosts.close();
            }
            if (recording != null) {
                recording.close();
            }
            final ServeSummary.Buffers buffers = ports.settle(List.of(cache));
            final Stack stack = wiring == null ? null : wiring.router();
            done = ServeSummary.of(
                            (System.nanoTime() - originNanos) / 1e9,
                            stack == null ? List.of() : List.of(stack.counters()),
                            ports.ports(),
                            List.of(),
                            buffers)
                    .withNodes(wiring == null ? List.of() : wiring.graph().stats());
            summary = done;
            ports.close();
        }
        return done;
    }

    @Override
    public @Nullable String captureFailure() {
        final String failure = recording == null ? null : recording.failure();
        return failure == null
                ? ports.captureFailure()
                : "the recording ended early: " + failure + "; make room, or bound it with --file-size and --files";
    }

    /** Ends it, unless somebody has tried that already: a thread that does not end still uses the ports. */
    @Override
    public synchronized void close() {
        if (!stopped) {
            stop();
        }
    }
}
