package io.millrace.bench.cli;

import io.millrace.config.ConfigException;
import io.millrace.config.IdleMode;
import io.millrace.config.Located;
import io.millrace.config.Place;
import io.millrace.config.PortSettings;
import io.millrace.config.Problems;
import io.millrace.config.ServeConfig;
import io.millrace.config.ServeSettings;
import io.millrace.config.file.ConfigFile;
import io.millrace.config.host.DeviceChecks;
import io.millrace.config.host.Host;
import io.millrace.config.profile.Profiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The flags of {@code serve}. Each is taken as text: file and flags go through the same checks, so that both are told
 * the same, and everything wrong with either is told at once.
 */
public final class ServeOptions {
    @Option(
            names = "--port",
            paramLabel = "SPEC",
            description = "Device: net_af_packet0,iface=mr0 or another of DPDK's virtual devices, a PCI address,"
                    + " tap:NAME or tun:NAME.")
    private @Nullable String port;

    @Option(
            names = "--address",
            paramLabel = "CIDR[,CIDR...]",
            description = "Our addresses, IPv4 and IPv6, for instance 192.0.2.1/24,2001:db8::1/64.")
    private @Nullable String address;

    @Option(names = "--gateway", paramLabel = "ADDR[,ADDR]", description = "Where packets for elsewhere go.")
    private @Nullable String gateway;

    @Option(names = "--mac", paramLabel = "MAC", description = "Our MAC address; the device's own if left out.")
    private @Nullable String mac;

    @Option(names = "--mtu", paramLabel = "BYTES", description = "MTU; the device's own if left out.")
    private @Nullable String mtu;

    @Option(
            names = "--tcp",
            paramLabel = "SERVICE:PORT[,...]",
            description = "Services over TCP: echo, discard, chargen, http.")
    private @Nullable String tcp;

    @Option(names = "--udp", paramLabel = "echo:PORT", description = "Services over UDP: echo.")
    private @Nullable String udp;

    @Option(
            names = "--http-root",
            paramLabel = "DIR",
            description = "The folder that the service http shows; a page of its own if left out.")
    private @Nullable String httpRoot;

    @Option(names = "--shards", paramLabel = "N", description = "Poll loops, each a thread of its own; 1 if left out.")
    private @Nullable String shards;

    @Option(names = "--cpus", paramLabel = "CPU[,CPU...]", description = "The CPU of each shard.")
    private @Nullable String cpus;

    @Option(
            names = "--idle",
            paramLabel = "MODE",
            description = "What a shard does without work: backoff, yield or spin.",
            completionCandidates = IdleNames.class)
    private @Nullable String idle;

    @Option(names = "--pool-size", paramLabel = "N", description = "Packet buffers; 16384 if left out.")
    private @Nullable String poolSize;

    @Option(names = "--pcap", paramLabel = "FILE", description = "Write everything sent and received, for Wireshark.")
    private @Nullable String pcap;

    @Option(names = "--stats-json", paramLabel = "FILE", description = "Write the summary as JSON at the end.")
    private @Nullable String statsJson;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings as YAML; flags override them.")
    private @Nullable Path config;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Ready-made settings to start from; 'millrace profiles' lists them.",
            completionCandidates = ProfileNames.class)
    private @Nullable String profile;

    /** Filled in by picocli. */
    public ServeOptions() {}

    /**
     * Puts profile, file and flags together and checks the whole.
     *
     * @throws ConfigException with every problem there is
     */
    public ServePlan plan() {
        return plan(Host.local());
    }

    /** As {@link #plan()}, on a machine that may be another. */
    ServePlan plan(Host host) {
        final Problems problems = new Problems();
        final List<PortAddresses> addresses = new ArrayList<>();
        final AddressChecks addressChecks = new AddressChecks(problems);
        final DeviceChecks deviceChecks = new DeviceChecks(host, problems);
        final ServeConfig resolved = layers(problems).resolve(resolvedPort -> {
            deviceChecks.check(resolvedPort.device());
            addresses.add(addressChecks.check(resolvedPort));
        });
        problems.throwIfAny();
        return new ServePlan(Objects.requireNonNull(resolved), List.copyOf(addresses));
    }

    private ServeSettings layers(Problems problems) {
        final Path here = Path.of("");
        ServeSettings settings = flags(here, problems);
        if (config != null) {
            final ServeSettings file = ConfigFile.read(config, problems);
            settings = settings.over(profile == null ? Profiles.beneath(file, here, problems) : file);
        }
        if (profile != null) {
            settings = settings.over(Profiles.read(new Located<>(profile, Place.flag("--profile")), here, problems));
        }
        return settings;
    }

    private ServeSettings flags(Path here, Problems problems) {
        final ServeSettings flags = new ServeSettings(Place.flag("serve"), here, problems);
        if (port != null || address != null || gateway != null || mac != null || mtu != null) {
            final PortSettings settings =
                    new PortSettings(Place.flag(port == null ? firstPortFlag() : "--port"), problems);
            set("--port", port, settings::device);
            set("--mac", mac, settings::mac);
            set("--mtu", mtu, settings::mtu);
            setList("--address", address, settings::addresses);
            setList("--gateway", gateway, settings::gateways);
            flags.addPort(settings);
        }
        setList("--tcp", tcp, flags::tcp);
        setList("--udp", udp, flags::udp);
        set("--http-root", httpRoot, flags::httpRoot);
        set("--shards", shards, flags::shards);
        setList("--cpus", cpus, flags::cpus);
        set("--idle", idle, flags::idle);
        set("--pool-size", poolSize, flags::poolSize);
        set("--pcap", pcap, flags::pcap);
        set("--stats-json", statsJson, flags::statsJson);
        return flags;
    }

    private String firstPortFlag() {
        return address != null ? "--address" : gateway != null ? "--gateway" : mac != null ? "--mac" : "--mtu";
    }

    private static void set(String flag, @Nullable String text, Consumer<Located<String>> setter) {
        if (text != null) {
            setter.accept(new Located<>(text.strip(), Place.flag(flag)));
        }
    }

    private static void setList(String flag, @Nullable String text, Consumer<List<Located<String>>> setter) {
        if (text == null) {
            return;
        }
        final List<Located<String>> parts = new ArrayList<>();
        for (final String part : text.split(",", -1)) {
            parts.add(new Located<>(part.strip(), Place.flag(flag)));
        }
        setter.accept(parts);
    }

    /** The names of the idle modes, for completion. */
    static final class IdleNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return IdleMode.names().iterator();
        }
    }
}
