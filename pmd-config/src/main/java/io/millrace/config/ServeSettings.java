package io.millrace.config;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import io.millrace.config.tcp.TcpSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One layer of settings for {@code serve}: a profile, a file, or the flags. Setters take the text as it was written and
 * add to the problems what is wrong with it; {@link #over} stacks layers, {@link #resolve} fills in the defaults and
 * checks what only the whole can tell.
 */
public final class ServeSettings {
    private static final int MAX_SHARDS = 64;
    private static final int MIN_POOL_SIZE = 512;
    private static final int MAX_POOL_SIZE = 1 << 22;

    private final Place place;
    private final Path base;
    private final Problems problems;
    private final List<PortSettings> ports = new ArrayList<>();
    private @Nullable Located<String> profile;
    private @Nullable List<Located<ServiceSpec>> tcp;
    private @Nullable List<Located<ServiceSpec>> udp;
    private @Nullable Located<Path> httpRoot;
    private @Nullable Located<Integer> shards;
    private @Nullable Located<Integer> maxShards;
    private @Nullable List<Located<Integer>> cpus;
    private @Nullable Located<IdleMode> idle;
    private @Nullable Located<Integer> poolSize;
    private @Nullable Located<Path> statsJson;
    private @Nullable Located<String> instance;
    private @Nullable Located<Boolean> forward;
    private @Nullable Located<Boolean> flowLabels;
    private CaptureSettings capture;
    private ApplianceSettings appliance;
    private EalSettings eal;
    private TcpSettings tcpSettings;
    private final List<KeySettings> keys = new ArrayList<>();
    private boolean tcpFailed;
    private boolean portsFailed;
    private boolean shardsFailed;

    /**
     * A layer that says nothing yet.
     *
     * @param place the file or command line as a whole
     * @param base folder that relative paths start from
     * @param problems gets what is wrong with the settings
     */
    public ServeSettings(Place place, Path base, Problems problems) {
        this.place = place;
        this.base = base;
        this.problems = problems;
        this.capture = new CaptureSettings(base, problems);
        this.appliance = new ApplianceSettings(base, problems);
        this.eal = new EalSettings(problems);
        this.tcpSettings = new TcpSettings(problems);
    }

    /** Adds a port. */
    public void addPort(PortSettings port) {
        ports.add(port);
    }

    /**
     * Notes that ports may well be described here, but could not be read, so that their absence is no further problem.
     */
    public void portsFailed() {
        portsFailed = true;
    }

    /** Notes that nothing of this layer could be read, so that what seems to be missing is no further problem. */
    public void unreadable() {
        portsFailed = true;
        appliance.unreadable();
    }

    /** Sets the profile that this layer builds upon. */
    public void profile(Located<String> name) {
        profile = name;
    }

    /** The profile that this layer builds upon, if any. */
    public @Nullable Located<String> profile() {
        return profile;
    }

    /** Sets the services over TCP. */
    public void tcp(List<Located<String>> texts) {
        tcp = services(texts, Protocol.TCP);
        tcpFailed = tcp.size() < texts.size();
    }

    /** Sets the services over UDP. */
    public void udp(List<Located<String>> texts) {
        udp = services(texts, Protocol.UDP);
    }

    /** Sets the folder that the HTTP service shows. */
    public void httpRoot(Located<String> text) {
        httpRoot = Values.path(text, base, problems);
    }

    /** Sets the number of shards. */
    public void shards(Located<String> text) {
        shards = Values.integer(text, 1, MAX_SHARDS, "number of shards", problems);
        shardsFailed |= shards == null;
    }

    /** Sets how many shards may run at the same time. */
    public void maxShards(Located<String> text) {
        maxShards = Values.integer(text, 1, MAX_SHARDS, "number of shards", problems);
        shardsFailed |= maxShards == null;
    }

    /** Sets the CPU of each shard. */
    public void cpus(List<Located<String>> texts) {
        final List<Located<Integer>> parsed = new ArrayList<>();
        for (final Located<String> text : texts) {
            final Located<Integer> cpu = Values.integer(text, 0, 1023, "CPU", problems);
            if (cpu != null) {
                parsed.add(cpu);
            }
        }
        cpus = parsed.size() == texts.size() ? List.copyOf(parsed) : null;
    }

    /** Sets what a shard does without work. */
    public void idle(Located<String> text) {
        idle = Values.choice(text, IdleMode.values(), IdleMode::text, problems);
    }

    /** Sets the number of packet buffers. */
    public void poolSize(Located<String> text) {
        poolSize = Values.integer(text, MIN_POOL_SIZE, MAX_POOL_SIZE, "number of buffers", problems);
    }

    /** What is written of packets, to be set in place. */
    public CaptureSettings capture() {
        return capture;
    }

    /** Sets the file that the summary is written to. */
    public void statsJson(Located<String> text) {
        statsJson = Values.path(text, base, problems);
    }

    /** Sets whether packets for others go from port to port. */
    public void forward(Located<String> text) {
        forward = Values.yesNo(text, problems);
    }

    /** Sets whether what we send over IPv6 carries flow labels. */
    public void flowLabels(Located<String> text) {
        flowLabels = Values.yesNo(text, problems);
    }

    /** Sets the name that commands find the server by. */
    public void instance(Located<String> name) {
        instance = Values.instance(name, problems);
    }

    /** What this layer says of the appliance that {@code forward} is; to be filled in. */
    public ApplianceSettings appliance() {
        return appliance;
    }

    /** What this layer says of TCP; to be filled in. */
    public TcpSettings tcpSettings() {
        return tcpSettings;
    }

    /** Adds a key; to be filled in. */
    public KeySettings addKey(Place where) {
        final KeySettings key = new KeySettings(where, base, problems);
        keys.add(key);
        return key;
    }

    /** Sets how DPDK is started. */
    public void eal(EalSettings settings) {
        eal = settings;
    }

    /**
     * Lays this layer over another.
     *
     * @param lower supplies whatever this layer leaves out
     * @return a new layer
     */
    public ServeSettings over(ServeSettings lower) {
        final ServeSettings merged = new ServeSettings(place, base, problems);
        mergePorts(lower, merged.ports);
        merged.tcp = tcp != null ? tcp : lower.tcp;
        merged.tcpFailed = tcp != null ? tcpFailed : lower.tcpFailed;
        merged.udp = udp != null ? udp : lower.udp;
        merged.httpRoot = httpRoot != null ? httpRoot : lower.httpRoot;
        merged.shards = shards != null ? shards : lower.shards;
        merged.maxShards = maxShards != null ? maxShards : lower.maxShards;
        merged.cpus = cpus != null ? cpus : lower.cpus;
        merged.idle = idle != null ? idle : lower.idle;
        merged.poolSize = poolSize != null ? poolSize : lower.poolSize;
        merged.capture = capture.over(lower.capture);
        merged.statsJson = statsJson != null ? statsJson : lower.statsJson;
        merged.forward = forward != null ? forward : lower.forward;
        merged.flowLabels = flowLabels != null ? flowLabels : lower.flowLabels;
        merged.instance = instance != null ? instance : lower.instance;
        merged.appliance = appliance.over(lower.appliance);
        merged.eal = eal.over(lower.eal);
        merged.tcpSettings = tcpSettings.over(lower.tcpSettings);
        merged.keys.addAll(keys.isEmpty() ? lower.keys : keys);
        merged.portsFailed = portsFailed || lower.portsFailed;
        merged.shardsFailed = shardsFailed || (shards == null && lower.shardsFailed);
        return merged;
    }

    private void mergePorts(ServeSettings lower, List<PortSettings> merged) {
        if (ports.isEmpty()) {
            merged.addAll(lower.ports);
        } else if (lower.ports.size() == 1 && ports.size() == 1) {
            merged.add(ports.getFirst().over(lower.ports.getFirst()));
        } else {
            merged.addAll(ports);
            if (lower.ports.size() > 1 && place.line() == 0) {
                problems.add(
                        ports.getFirst().place(),
                        "the file describes " + lower.ports.size() + " ports, so this could mean any of them",
                        "set it there");
            }
        }
    }

    /**
     * Fills in the defaults and checks the whole.
     *
     * @return null if there was any problem in any layer
     */
    public @Nullable ServeConfig resolve() {
        return resolve(true, port -> {});
    }

    /**
     * Fills in the defaults and checks the whole, together with what only the caller can check.
     *
     * @param needAddresses whether a port without an address is a problem; if this is an appliance, its mode says so
     * @param portCheck adds to the problems what is wrong with a port; called for each that is complete, in order
     * @return null if there was any problem in any layer
     */
    public @Nullable ServeConfig resolve(boolean needAddresses, Consumer<PortConfig> portCheck) {
        if (ports.isEmpty() && !portsFailed) {
            problems.add(place, "no port", "name one with --port SPEC, or ports: in a file");
        }
        final Boolean needed = appliance.needsAddresses();
        final List<PortConfig> resolved = new ArrayList<>();
        for (final PortSettings port : ports) {
            final PortConfig config = port.resolve(needed == null ? needAddresses : needed);
            if (config != null) {
                resolved.add(config);
                portCheck.accept(config);
            }
        }
        PortSettings.checkDistinct(resolved, problems);
        checkCapture(capture.file(), resolved);
        checkCapture(appliance.record(), resolved);
        checkFiles();
        final CaptureConfig captureConfig = capture.resolve();
        final int shardCount = shards == null ? ServeConfig.DEFAULT_SHARDS : shards.value();
        final int placeCount = maxShards == null ? shardCount : maxShards.value();
        if (maxShards != null && placeCount < shardCount) {
            problems.add(
                    maxShards.place(),
                    "no more than " + plural(placeCount, "shard") + " may run, and " + shardCount + " are to start",
                    "raise it, or start fewer");
        }
        checkCpus(placeCount);
        final ApplianceConfig applianceConfig = appliance.resolve(ports.size(), resolved);
        if (applianceConfig == null) {
            checkNoHosts(resolved);
        }
        final List<KeyConfig> keyConfigs = new ArrayList<>();
        for (final KeySettings key : keys) {
            final KeyConfig config = key.resolve(tcpFailed ? null : tcp == null ? List.of() : tcp);
            if (config != null) {
                keyConfigs.add(config);
            }
        }
        final Located<Integer> several = shardCount > 1 ? shards : maxShards;
        if (applianceConfig != null && several != null && placeCount > 1) {
            problems.add(several.place(), "forward runs in one thread", "leave the number of shards out");
        }
        if (!problems.isEmpty()) {
            return null;
        }
        return new ServeConfig(
                List.copyOf(resolved),
                tcp == null ? List.of() : tcp,
                udp == null ? List.of() : udp,
                httpRoot,
                shardCount,
                placeCount,
                cpus == null ? List.of() : cpus.stream().map(Located::value).toList(),
                idle == null ? ServeConfig.DEFAULT_IDLE : idle.value(),
                poolSize == null ? ServeConfig.DEFAULT_POOL_SIZE : poolSize.value(),
                captureConfig,
                statsJson,
                instance == null ? null : instance.value(),
                forward != null && forward.value(),
                flowLabels == null || flowLabels.value(),
                applianceConfig,
                eal.resolve(),
                tcpSettings.resolve(),
                List.copyOf(keyConfigs));
    }

    private void checkNoHosts(List<PortConfig> resolved) {
        for (final PortConfig port : resolved) {
            final Located<String> host = port.host();
            if (host != null) {
                problems.add(
                        host.place(),
                        "only a router of millrace forward shares its ports with the host",
                        "use forward --mode l3router, or leave it out");
            }
        }
    }

    private List<Located<ServiceSpec>> services(List<Located<String>> texts, Protocol protocol) {
        final List<Located<ServiceSpec>> parsed = new ArrayList<>();
        final Map<Integer, ServiceSpec> seen = new HashMap<>();
        for (final Located<String> text : texts) {
            final Located<ServiceSpec> service = Values.service(text, protocol, problems);
            if (service == null) {
                continue;
            }
            final ServiceSpec other = seen.putIfAbsent(service.value().port(), service.value());
            if (other != null) {
                problems.add(
                        text.place(),
                        protocol + " port " + service.value().port() + " is taken by " + other,
                        "give each service a port of its own");
            }
            parsed.add(service);
        }
        return List.copyOf(parsed);
    }

    /** A capture file says once what its packets begin with. */
    private void checkCapture(@Nullable Located<Path> file, List<PortConfig> resolved) {
        if (file == null || resolved.isEmpty()) {
            return;
        }
        final boolean ethernet = resolved.getFirst().device().value().isEthernet();
        if (resolved.stream().anyMatch(port -> port.device().value().isEthernet() != ethernet)) {
            problems.add(
                    file.place(),
                    "a capture cannot hold packets with and without Ethernet headers",
                    "leave it out, or use ports of one kind");
        }
    }

    private void checkFiles() {
        if (httpRoot != null && !Files.isDirectory(httpRoot.value())) {
            problems.add(httpRoot.place(), "there is no folder " + httpRoot.value(), "name one that exists");
        } else if (httpRoot != null && !Files.isExecutable(httpRoot.value())) {
            problems.add(
                    httpRoot.place(),
                    "folder " + httpRoot.value() + " may not be entered",
                    "chmod a+rx, or name another");
        }
        checkOutput(capture.file());
        checkOutput(appliance.record());
        checkOutput(statsJson);
    }

    private void checkOutput(@Nullable Located<Path> file) {
        if (file == null) {
            return;
        }
        final Path folder = file.value().toAbsolutePath().getParent();
        if (Files.isDirectory(file.value())) {
            problems.add(file.place(), file.value() + " is a folder", "name a file in it");
        } else if (folder == null || !Files.isDirectory(folder)) {
            problems.add(file.place(), "there is no folder " + folder, "create it, or name a file elsewhere");
        } else if (!Files.isWritable(Files.exists(file.value()) ? file.value() : folder)) {
            problems.add(file.place(), file.value() + " cannot be written", "name a file elsewhere");
        }
    }

    /** The CPUs that were named, in order, to check them against the machine; none if there are none. */
    public List<Located<Integer>> cpus() {
        return cpus == null ? List.of() : cpus;
    }

    private void checkCpus(int shardCount) {
        if (cpus == null || cpus.isEmpty()) {
            return;
        }
        if (cpus.size() != shardCount && !shardsFailed) {
            problems.add(
                    cpus.getFirst().place(),
                    plural(cpus.size(), "CPU") + " for " + plural(shardCount, "shard"),
                    "name one for each shard that may run, or none at all");
        }
        final Map<Integer, Place> seen = new HashMap<>();
        for (final Located<Integer> cpu : cpus) {
            if (seen.putIfAbsent(cpu.value(), cpu.place()) != null) {
                problems.add(cpu.place(), "CPU " + cpu.value() + " is given twice", "give each shard a CPU of its own");
            }
        }
    }

    private static String plural(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
