package io.millrace.bench.options;

import io.millrace.bench.plan.PlanChecks;
import io.millrace.bench.plan.ServePlan;
import io.millrace.config.CaptureKind;
import io.millrace.config.ChecksumSetting;
import io.millrace.config.SegmentationSetting;
import io.millrace.config.ServeSettings;
import io.millrace.config.file.ConfigFile;
import io.millrace.config.host.Host;
import io.millrace.config.problem.ConfigException;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import io.millrace.config.profile.Profiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The flags of every command that opens ports of its own. Each is taken as text: file and flags go through the same
 * checks, so that both are told the same, and everything wrong with either is told at once.
 */
public class PortOptions {
    private final PortFlags portFlags = new PortFlags();

    @Option(names = "--pcap", paramLabel = "FILE", description = "Write everything sent and received, for Wireshark.")
    private @Nullable String pcap;

    @Option(
            names = "--pcap-format",
            paramLabel = "FORMAT",
            description = "pcap, pcap-nanos or pcapng; what the file's ending says if left out.",
            completionCandidates = CaptureKinds.class)
    private @Nullable String pcapFormat;

    @Option(
            names = "--pcap-snap",
            paramLabel = "BYTES",
            description = "Keep this much of each packet; all if left out.")
    private @Nullable String pcapSnap;

    @Option(
            names = "--pcap-size",
            paramLabel = "BYTES",
            description = "Begin another file at this size, for instance 100M.")
    private @Nullable String pcapSize;

    @Option(names = "--pcap-age", paramLabel = "SECONDS", description = "Begin another file after this time.")
    private @Nullable String pcapAge;

    @Option(names = "--pcap-files", paramLabel = "N", description = "Keep this many of the files, the latest.")
    private @Nullable String pcapFiles;

    @Option(
            names = "--pcap-filter",
            paramLabel = "EXPR",
            description =
                    "Write only packets that this lets through, in tcpdump's language: 'tcp port 80 and not arp'.")
    private @Nullable String pcapFilter;

    @Option(
            names = "--pcap-comment",
            paramLabel = "TEXT",
            description = "A comment for the head of the file, which is then pcapng.")
    private @Nullable String pcapComment;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings as YAML; flags override them.")
    private @Nullable Path config;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Ready-made settings to start from; 'millrace profiles' lists them.",
            completionCandidates = ProfileNames.class)
    private @Nullable String profile;

    /** Filled in by picocli. */
    public PortOptions() {}

    // Methods, so that each occurrence comes in the order of the command line. Orders below picocli's default of -1 put
    // them first in the help.

    @Option(
            names = "--port",
            order = -20,
            paramLabel = "SPEC",
            parameterConsumer = PortFlags.InOrder.class,
            description = {
                "Device: net_af_packet0,iface=mr0 or another of DPDK's virtual devices, a PCI address, tap:NAME,"
                        + " tun:NAME, packet:INTERFACE for a packet socket without DPDK, or"
                        + " pcap:FILE[,speed=N][,medium=ip] for a capture to replay.",
                "May be given several times; --address, --gateway, --route, --mac, --mtu, --vlan, --checksums,"
                        + " --segmentation, --faults-in, --faults-out, --fault-seed, --mirror and --meter describe the"
                        + " --port before them."
            })
    void port(@Nullable String text) {
        add("--port", text);
    }

    @Option(
            names = "--address",
            order = -19,
            paramLabel = "CIDR[,CIDR...]",
            parameterConsumer = PortFlags.InOrder.class,
            description = "Our addresses, IPv4 and IPv6, for instance 192.0.2.1/24,2001:db8::1/64.")
    void address(@Nullable String text) {
        add("--address", text);
    }

    @Option(
            names = "--gateway",
            order = -18,
            paramLabel = "ADDR[,ADDR]",
            parameterConsumer = PortFlags.InOrder.class,
            description = "Where packets for elsewhere go.")
    void gateway(@Nullable String text) {
        add("--gateway", text);
    }

    @Option(
            names = "--route",
            order = -17,
            paramLabel = "CIDR=ADDR[ METRICS][,...]",
            parameterConsumer = PortFlags.InOrder.class,
            description = "A network behind another router, for instance 10.0.0.0/8=192.0.2.7; without =ADDR its hosts"
                    + " are on the link itself. What is known of the paths goes behind a space, as for route add:"
                    + " '10.0.0.0/8=192.0.2.7 mtu 1400 initcwnd 20'.")
    void route(@Nullable String text) {
        add("--route", text);
    }

    @Option(
            names = "--mac",
            order = -16,
            paramLabel = "MAC",
            parameterConsumer = PortFlags.InOrder.class,
            description = "Our MAC address; the device's own if left out.")
    void mac(@Nullable String text) {
        add("--mac", text);
    }

    @Option(
            names = "--mtu",
            order = -15,
            paramLabel = "BYTES",
            parameterConsumer = PortFlags.InOrder.class,
            description = "MTU; the device's own if left out.")
    void mtu(@Nullable String text) {
        add("--mtu", text);
    }

    @Option(
            names = "--vlan",
            order = -14,
            paramLabel = "ID",
            parameterConsumer = PortFlags.InOrder.class,
            description =
                    "Our VLAN, for instance 5, or 100.5 for VLAN 5 within service VLAN 100; any for frames whatever"
                            + " their tags. Untagged frames if left out.")
    void vlan(@Nullable String text) {
        add("--vlan", text);
    }

    @Option(
            names = "--checksums",
            order = -13,
            paramLabel = "WHO",
            parameterConsumer = PortFlags.InOrder.class,
            description =
                    "Who takes care of checksums: software (we, the default), device (the device does what it can),"
                            + " receive (we check, the device writes), transmit (we write, the device checks) or none.",
            completionCandidates = ChecksumNames.class)
    void checksums(@Nullable String text) {
        add("--checksums", text);
    }

    @Option(
            names = "--segmentation",
            order = -13,
            paramLabel = "WHO",
            parameterConsumer = PortFlags.InOrder.class,
            description =
                    "Who cuts what TCP sends into segments: software (we, the default) or device (TSO; the device does"
                            + " what it can, and completes checksums), the default of packet:. Pays for tap: and tun: too;"
                            + " net_tap does it in software.",
            completionCandidates = SegmentationNames.class)
    void segmentation(@Nullable String text) {
        add("--segmentation", text);
    }

    @Option(
            names = "--faults-in",
            order = -12,
            paramLabel = "FAULTS",
            parameterConsumer = PortFlags.InOrder.class,
            description = {
                "What goes wrong with packets that come in:"
                        + " loss=1%%,corrupt=1%%,mutate=1%%,duplicate=1%%,reorder=5%%@2ms,delay=10ms~2ms,longest=576,rate=5000:64,"
                        + " or some of these.",
                "mutate changes headers as a fuzzer does. millrace port faults changes all this while packets flow."
            })
    void faultsIn(@Nullable String text) {
        add("--faults-in", text);
    }

    @Option(
            names = "--faults-out",
            order = -11,
            paramLabel = "FAULTS",
            parameterConsumer = PortFlags.InOrder.class,
            description = "The same for packets that go out.")
    void faultsOut(@Nullable String text) {
        add("--faults-out", text);
    }

    @Option(
            names = "--fault-seed",
            order = -10,
            paramLabel = "N",
            parameterConsumer = PortFlags.InOrder.class,
            description = "The seed of the faults, to repeat a run.")
    void faultSeed(@Nullable String text) {
        add("--fault-seed", text);
    }

    @Option(
            names = "--mirror",
            order = -9,
            paramLabel = "SPEC",
            parameterConsumer = PortFlags.InOrder.class,
            description = "A device that gets a copy of every packet that the port receives or sends.")
    void mirror(@Nullable String text) {
        add("--mirror", text);
    }

    @Option(
            names = "--meter",
            order = -8,
            paramLabel = "yes|no",
            parameterConsumer = PortFlags.InOrder.class,
            description = "Count packets and bytes between the faults and us, beside what the device counts; millrace"
                    + " port rate shows both.")
    void meter(@Nullable String text) {
        add("--meter", text);
    }

    /** Null is picocli's way to say that there is no value yet. */
    final void add(String name, @Nullable String text) {
        if (text != null) {
            portFlags.add(name, text);
        }
    }

    /**
     * Puts profile, file and flags together and checks the whole.
     *
     * @throws ConfigException with every problem there is
     */
    public ServePlan plan() {
        return plan(PlanChecks.here());
    }

    /** As {@link #plan()}, for a command that has no use for addresses. */
    public ServePlan planWithoutAddresses() {
        return plan(PlanChecks.here().withoutAddresses());
    }

    /** Sets the file of settings, in place of {@code --config}. */
    public void config(Path file) {
        config = file;
    }

    /** Whether {@code --pcap} names a file. */
    public boolean capturesToFile() {
        return pcap != null;
    }

    /** Sets the capture file, in place of {@code --pcap}. */
    public void pcap(String file) {
        pcap = file;
    }

    /** As {@link #plan()}, on a machine that may be another. */
    ServePlan plan(Host host) {
        return plan(PlanChecks.of(host));
    }

    private ServePlan plan(PlanChecks checks) {
        final Problems problems = new Problems();
        return checks.plan(layers(problems), problems);
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
        final ServeSettings flags = new ServeSettings(Place.flag("--port"), here, problems);
        portFlags.settings(problems).forEach(flags::addPort);
        set("--pcap", pcap, flags.capture()::file);
        set("--pcap-format", pcapFormat, flags.capture()::kind);
        set("--pcap-snap", pcapSnap, flags.capture()::snap);
        set("--pcap-size", pcapSize, flags.capture()::size);
        set("--pcap-age", pcapAge, flags.capture()::age);
        set("--pcap-files", pcapFiles, flags.capture()::files);
        set("--pcap-filter", pcapFilter, flags.capture()::filter);
        set("--pcap-comment", pcapComment, flags.capture()::comment);
        addTo(flags);
        return flags;
    }

    /** Adds the flags that a command has beyond those here. */
    void addTo(ServeSettings flags) {}

    static void set(String flag, @Nullable String text, Consumer<Located<String>> setter) {
        if (text != null) {
            setter.accept(new Located<>(text.strip(), Place.flag(flag)));
        }
    }

    static void setList(String flag, @Nullable String text, Consumer<List<Located<String>>> setter) {
        if (text != null) {
            setter.accept(split(flag, text));
        }
    }

    /** The formats of captures, for completion. */
    static final class CaptureKinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return CaptureKind.names().iterator();
        }
    }

    /** For completion. */
    static final class SegmentationNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return SegmentationSetting.names().iterator();
        }
    }

    /** Who may take care of checksums, for completion. */
    static final class ChecksumNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ChecksumSetting.names().iterator();
        }
    }

    /** The parts of a list with commas. */
    static List<Located<String>> split(String flag, String text) {
        final List<Located<String>> parts = new ArrayList<>();
        for (final String part : text.split(",", -1)) {
            parts.add(new Located<>(part.strip(), Place.flag(flag)));
        }
        return parts;
    }
}
