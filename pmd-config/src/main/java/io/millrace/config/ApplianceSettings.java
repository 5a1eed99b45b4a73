package io.millrace.config;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@code appliance} section as one layer of settings describes it; whatever the layer leaves out is null. */
public final class ApplianceSettings {
    private static final int MAX_BURST = 512;
    private static final int MAX_TABLE_SIZE = 1 << 20;
    private static final int MAX_AGEING = 1_000_000;
    private static final int MAX_FILE_SIZE = 1 << 20;
    private static final int MAX_FILE_AGE = 1_000_000_000;
    private static final int MAX_FILES = 100_000;
    private static final int MAX_VLAN = 4_094;
    private static final int MAX_PORTS = 64;

    private final Path base;
    private final Problems problems;
    private @Nullable Place needed;
    private @Nullable Located<ForwardingMode> mode;
    private boolean modeTried;
    private @Nullable Located<Integer> burst;
    private @Nullable Located<Integer> tableSize;
    private @Nullable Located<Integer> ageing;
    private @Nullable List<Located<StationSpec>> stations;
    private @Nullable Located<Path> record;
    private @Nullable Located<Integer> snapLength;
    private @Nullable Located<Integer> fileSize;
    private @Nullable Located<Integer> fileAge;
    private @Nullable Located<Integer> files;
    private @Nullable Located<String> recordFilter;

    /**
     * Nothing set.
     *
     * @param base folder that relative paths start from
     * @param problems gets what is wrong with the settings
     */
    public ApplianceSettings(Path base, Problems problems) {
        this.base = base;
        this.problems = problems;
    }

    /** Says that there must be a mode in the end. */
    public void need(Place place) {
        needed = place;
    }

    /** Says that a mode may well be named here, but could not be read, so that its absence is no further problem. */
    void unreadable() {
        modeTried = true;
    }

    /** Sets what is done with packets. */
    public void mode(Located<String> text) {
        modeTried = true;
        mode = Values.choice(text, ForwardingMode.values(), ForwardingMode::text, problems);
    }

    /** Sets how many packets a port hands over at once. */
    public void burst(Located<String> text) {
        burst = Values.integer(text, 1, MAX_BURST, "number of packets", problems);
    }

    /** Sets how many stations a switch learns. */
    public void tableSize(Located<String> text) {
        tableSize = Values.integer(text, 1, MAX_TABLE_SIZE, "number of stations", problems);
    }

    /** Sets when a switch forgets a silent station. */
    public void ageing(Located<String> text) {
        ageing = Values.integer(text, 1, MAX_AGEING, "number of seconds", problems);
    }

    /** Sets stations by hand: {@code MAC=PORT} or {@code MAC@VLAN=PORT}. */
    public void stations(List<Located<String>> texts) {
        final List<Located<StationSpec>> parsed = new ArrayList<>();
        for (final Located<String> text : texts) {
            final Located<StationSpec> station = station(text);
            if (station != null) {
                parsed.add(station);
            }
        }
        stations = List.copyOf(parsed);
    }

    private @Nullable Located<StationSpec> station(Located<String> text) {
        final int equals = text.value().indexOf('=');
        final int at = text.value().indexOf('@');
        if (equals < 0 || at > equals) {
            problems.add(
                    text.place(),
                    "'" + text.value() + "' is no station",
                    "write MAC=PORT or MAC@VLAN=PORT, for instance 02:00:00:00:00:07=1");
            return null;
        }
        final String address = text.value().substring(0, at < 0 ? equals : at);
        final Located<Long> mac = Values.mac(text.with(address.strip()), problems);
        final Located<Integer> vlan = at < 0
                ? text.with(0)
                : Values.integer(
                        text.with(text.value().substring(at + 1, equals).strip()), 1, MAX_VLAN, "VLAN", problems);
        final Located<Integer> port = Values.integer(
                text.with(text.value().substring(equals + 1).strip()), 0, MAX_PORTS, "port number", problems);
        return mac == null || vlan == null || port == null
                ? null
                : text.with(new StationSpec(mac.value(), vlan.value(), port.value()));
    }

    /** Sets the file that a recorder writes to. */
    public void record(Located<String> text) {
        record = Values.path(text, base, problems);
    }

    /** Sets how many bytes of each packet a recorder keeps. */
    public void snapLength(Located<String> text) {
        snapLength = Values.integer(text, 1, ApplianceConfig.DEFAULT_SNAP_LENGTH, "number of bytes", problems);
    }

    /** Sets the size at which a recorder begins the next file, in MiB. */
    public void fileSize(Located<String> text) {
        fileSize = Values.integer(text, 0, MAX_FILE_SIZE, "number of MiB", problems);
    }

    /** Sets the seconds after which a recorder begins the next file. */
    public void fileAge(Located<String> text) {
        fileAge = Values.integer(text, 0, MAX_FILE_AGE, "number of seconds", problems);
    }

    /** Sets how many files a recorder keeps. */
    public void files(Located<String> text) {
        files = Values.integer(text, 0, MAX_FILES, "number of files", problems);
    }

    /** Sets which packets a recorder writes, in tcpdump's language. */
    public void recordFilter(Located<String> text) {
        recordFilter = text;
    }

    ApplianceSettings over(ApplianceSettings lower) {
        final ApplianceSettings merged = new ApplianceSettings(base, problems);
        merged.needed = needed != null ? needed : lower.needed;
        merged.mode = modeTried ? mode : lower.mode;
        merged.modeTried = modeTried || lower.modeTried;
        merged.burst = burst != null ? burst : lower.burst;
        merged.tableSize = tableSize != null ? tableSize : lower.tableSize;
        merged.ageing = ageing != null ? ageing : lower.ageing;
        merged.stations = stations != null ? stations : lower.stations;
        merged.record = record != null ? record : lower.record;
        merged.snapLength = snapLength != null ? snapLength : lower.snapLength;
        merged.fileSize = fileSize != null ? fileSize : lower.fileSize;
        merged.fileAge = fileAge != null ? fileAge : lower.fileAge;
        merged.files = files != null ? files : lower.files;
        merged.recordFilter = recordFilter != null ? recordFilter : lower.recordFilter;
        return merged;
    }

    /** The file that a recorder writes to, for the checks that all files get. */
    @Nullable
    Located<Path> record() {
        return record;
    }

    /** Whether every port needs addresses; null if there is no appliance, and so nobody here to say it. */
    @Nullable
    Boolean needsAddresses() {
        if (mode == null) {
            return (modeTried || needed != null) ? Boolean.FALSE : null; // told elsewhere, and enough to mend
        }
        return mode.value().needsAddresses();
    }

    /**
     * Fills in the defaults and checks what only the whole can tell.
     *
     * @param ports how many there are
     * @param complete those of which everything is known
     * @return null if there is no mode, or a problem
     */
    @Nullable
    ApplianceConfig resolve(int ports, List<PortConfig> complete) {
        final Located<ForwardingMode> chosen = mode;
        if (chosen == null) {
            if (needed != null && !modeTried) {
                problems.add(
                        needed,
                        "no mode",
                        "name one with --mode, or appliance: mode: in a file: "
                                + String.join(", ", ForwardingMode.names()));
            }
            return null;
        }
        checkPorts(chosen, ports);
        if (chosen.value().needsEthernet()) {
            checkEthernet(chosen, complete);
        }
        checkStations(ports);
        checkHosts(chosen, complete);
        checkUse(chosen);
        if (files != null && files.value() > 0 && or(fileSize, 0) == 0 && or(fileAge, 0) == 0) {
            problems.add(
                    files.place(),
                    "files are kept, but never begun",
                    "set the size of a file or its age, too: file-size");
        }
        return new ApplianceConfig(
                chosen.value(),
                or(burst, ApplianceConfig.DEFAULT_BURST),
                or(tableSize, ApplianceConfig.DEFAULT_TABLE_SIZE),
                or(ageing, ApplianceConfig.DEFAULT_AGEING),
                stations == null
                        ? List.of()
                        : stations.stream().map(Located::value).toList(),
                record,
                or(snapLength, ApplianceConfig.DEFAULT_SNAP_LENGTH),
                or(fileSize, 0),
                or(fileAge, 0),
                or(files, 0),
                recordFilter);
    }

    private void checkPorts(Located<ForwardingMode> chosen, int ports) {
        final ForwardingMode value = chosen.value();
        if (ports == 0) {
            return; // told already
        }
        if (ports < value.leastPorts()) {
            problems.add(
                    chosen.place(),
                    value.text() + " needs " + value.leastPorts() + " ports or more, and there is " + ports,
                    "add another --port SPEC");
        } else if (value.pairs() && ports > 1 && ports % 2 != 0) {
            problems.add(
                    chosen.place(),
                    value.text() + " joins ports in pairs, and there are " + ports,
                    "add another --port SPEC, or take one away");
        }
    }

    private void checkEthernet(Located<ForwardingMode> chosen, List<PortConfig> complete) {
        for (final PortConfig port : complete) {
            if (!port.device().value().isEthernet()) {
                problems.add(
                        port.device().place(),
                        "a TUN interface has no Ethernet frames, which "
                                + chosen.value().text() + " needs",
                        "use a TAP interface");
            }
        }
    }

    private void checkHosts(Located<ForwardingMode> chosen, List<PortConfig> complete) {
        for (final PortConfig port : complete) {
            final Located<VlanTags> vlan = port.vlan();
            if (vlan != null && !chosen.value().needsAddresses()) {
                problems.add(
                        vlan.place(),
                        chosen.value().text() + " takes frames of every VLAN",
                        "use l3router or responder, or leave it out");
            }
            final Place address = port.addresses().isEmpty()
                    ? null
                    : port.addresses().getFirst().place();
            if (address != null && address.line() == 0 && !chosen.value().needsAddresses()) {
                problems.add(
                        address,
                        chosen.value().text() + " has no addresses",
                        "use l3router or responder, or leave them out");
            }
            final Located<String> host = port.host();
            if (host != null && !chosen.value().needsAddresses()) {
                problems.add(
                        host.place(),
                        chosen.value().text() + " has no packets for the host",
                        "use l3router or responder, or leave it out");
            }
        }
    }

    /** Flags that the mode has no use for; what a file or a profile holds for other modes waits for those. */
    private void checkUse(Located<ForwardingMode> chosen) {
        checkUse(chosen.value(), ForwardingMode.L2SWITCH, Arrays.asList(tableSize, ageing));
        if (stations != null && !stations.isEmpty()) {
            checkUse(chosen.value(), ForwardingMode.L2SWITCH, List.of(stations.getFirst()));
        }
        checkUse(
                chosen.value(),
                ForwardingMode.RECORDER,
                Arrays.asList(record, snapLength, fileSize, fileAge, files, recordFilter));
    }

    private void checkUse(ForwardingMode mode, ForwardingMode user, List<? extends @Nullable Located<?>> settings) {
        for (final Located<?> setting : settings) {
            if (mode != user && setting != null && setting.place().line() == 0) {
                problems.add(
                        setting.place(),
                        mode.text() + " has no use for it",
                        "use " + user.text() + ", or leave it out");
            }
        }
    }

    private void checkStations(int ports) {
        final Map<List<Object>, Place> seen = new HashMap<>();
        for (final Located<StationSpec> station : stations == null ? List.<Located<StationSpec>>of() : stations) {
            final StationSpec value = station.value();
            if (ports > 0 && value.port() >= ports) {
                problems.add(
                        station.place(),
                        "there is no port " + value.port(),
                        "ports are numbered from 0 to " + (ports - 1) + " in their order");
            }
            if (seen.putIfAbsent(List.of(value.mac(), value.vlan()), station.place()) != null) {
                problems.add(station.place(), "this station is there twice", "keep one of them");
            }
        }
    }

    private static int or(@Nullable Located<Integer> value, int otherwise) {
        return value == null ? otherwise : value.value();
    }
}
