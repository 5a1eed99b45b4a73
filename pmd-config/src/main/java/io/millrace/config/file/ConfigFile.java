package io.millrace.config.file;

import io.millrace.config.ApplianceSettings;
import io.millrace.config.EalSettings;
import io.millrace.config.KeySettings;
import io.millrace.config.PortSettings;
import io.millrace.config.ServeSettings;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import io.millrace.config.tcp.TcpSetting;
import io.millrace.config.tcp.TcpSettings;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads a configuration file. Its keys are the names of {@code serve}'s flags; {@code ports} holds those of a port. */
public final class ConfigFile {
    private ConfigFile() {}

    /**
     * Reads a file; relative paths in it start from its folder.
     *
     * @param file as the user named it
     * @param problems gets everything that is wrong with it
     * @return what the file says, as far as it could be read
     */
    public static ServeSettings read(Path file, Problems problems) {
        final Path folder = file.toAbsolutePath().getParent();
        final Path base = folder == null ? file.toAbsolutePath() : folder;
        final String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            return unreadable(file, base, "there is no such file", problems);
        } catch (AccessDeniedException e) {
            return unreadable(file, base, "it may not be read", problems);
        } catch (CharacterCodingException e) {
            return unreadable(file, base, "it is no UTF-8 text", problems);
        } catch (IOException e) {
            return unreadable(file, base, "it cannot be read: " + e.getMessage(), problems);
        }
        return parse(file.toString(), text, base, problems);
    }

    private static ServeSettings unreadable(Path file, Path base, String why, Problems problems) {
        final Place place = new Place(file.toString(), 0, 0, "");
        problems.add(place, why, "name a YAML file with --config FILE");
        final ServeSettings settings = new ServeSettings(place, base, problems);
        settings.unreadable();
        return settings;
    }

    /**
     * Reads a text.
     *
     * @param source what problems call it
     * @param text YAML
     * @param base folder that relative paths start from
     * @param problems gets everything that is wrong with it
     * @return what the text says, as far as it could be read
     */
    public static ServeSettings parse(String source, String text, Path base, Problems problems) {
        final ServeSettings settings = new ServeSettings(new Place(source, 1, 1, ""), base, problems);
        final LoadSettings yaml = LoadSettings.builder()
                .setLabel(source)
                .setAllowNonScalarKeys(true)
                .build();
        try {
            final Optional<Node> root = new Compose(yaml).composeString(text);
            final Section top = root.isEmpty() ? null : Section.top(source, root.get(), problems);
            if (top != null) {
                read(top, settings, problems);
            } else if (root.isPresent()) {
                settings.unreadable();
            }
        } catch (MarkedYamlEngineException e) {
            settings.unreadable();
            final Mark mark = e.getProblemMark().orElse(null);
            final Place place = mark == null
                    ? new Place(source, 1, 1, "")
                    : new Place(source, mark.getLine() + 1, mark.getColumn() + 1, "");
            problems.add(
                    place,
                    "not YAML: "
                            + oneLine(e.getContext() == null ? e.getProblem() : e.getContext() + " " + e.getProblem()),
                    "mend the file at column " + place.column());
        } catch (YamlEngineException e) {
            settings.unreadable();
            problems.add(
                    new Place(source, 1, 1, ""),
                    "not YAML: " + oneLine(String.valueOf(e.getMessage())),
                    "mend the file");
        }
        return settings;
    }

    private static void read(Section top, ServeSettings settings, Problems problems) {
        top.text("profile", settings::profile);
        top.sections("ports", section -> settings.addPort(port(section, problems)), settings::portsFailed);
        top.texts("tcp", settings::tcp);
        top.texts("udp", settings::udp);
        top.text("http-root", settings::httpRoot);
        top.text("shards", settings::shards);
        top.text("max-shards", settings::maxShards);
        top.texts("cpus", settings::cpus);
        top.text("idle", settings::idle);
        top.text("pool-size", settings::poolSize);
        top.text("pcap", settings.capture()::file);
        top.text("pcap-format", settings.capture()::kind);
        top.text("pcap-snap", settings.capture()::snap);
        top.text("pcap-size", settings.capture()::size);
        top.text("pcap-age", settings.capture()::age);
        top.text("pcap-files", settings.capture()::files);
        top.text("pcap-filter", settings.capture()::filter);
        top.text("pcap-comment", settings.capture()::comment);
        top.text("stats-json", settings::statsJson);
        top.text("instance", settings::instance);
        top.text("forward", settings::forward);
        top.text("flow-labels", settings::flowLabels);
        top.section("appliance", section -> appliance(section, settings.appliance()));
        top.section("tcp-settings", section -> tcp(section, settings.tcpSettings()));
        top.sections("keys", section -> key(section, settings.addKey(section.place())), () -> {});
        top.section("eal", section -> settings.eal(eal(section, problems)));
        top.finish();
    }

    private static PortSettings port(Section section, Problems problems) {
        final PortSettings port = new PortSettings(section.place(), problems);
        section.text("device", port::device);
        section.text("mac", port::mac);
        section.text("mtu", port::mtu);
        section.text("vlan", port::vlan);
        section.text("checksums", port::checksums);
        section.text("segmentation", port::segmentation);
        section.texts("addresses", port::addresses);
        section.texts("gateways", port::gateways);
        section.texts("routes", port::routes);
        section.text("host", port::host);
        section.text("faults-in", port::faultsIn);
        section.text("faults-out", port::faultsOut);
        section.text("fault-seed", port::faultSeed);
        section.text("mirror", port::mirror);
        section.text("meter", port::meter);
        return port;
    }

    private static void appliance(Section section, ApplianceSettings appliance) {
        section.text("mode", appliance::mode);
        section.text("burst", appliance::burst);
        section.text("table-size", appliance::tableSize);
        section.text("ageing", appliance::ageing);
        section.texts("stations", appliance::stations);
        section.text("record", appliance::record);
        section.text("record-filter", appliance::recordFilter);
        section.text("snap-length", appliance::snapLength);
        section.text("file-size", appliance::fileSize);
        section.text("file-age", appliance::fileAge);
        section.text("files", appliance::files);
    }

    private static void tcp(Section section, TcpSettings tcp) {
        for (final TcpSetting setting : TcpSetting.values()) {
            section.text(setting.key(), text -> tcp.set(setting, text));
        }
    }

    private static void key(Section section, KeySettings key) {
        section.text("peer", key::peers);
        section.text("algorithm", key::algorithm);
        section.text("secret", key::secret);
        section.text("ids", key::ids);
        section.text("options", key::options);
        section.texts("ports", key::ports);
    }

    private static EalSettings eal(Section section, Problems problems) {
        final EalSettings eal = new EalSettings(problems);
        section.text("hugepages", eal::hugepages);
        section.text("memory", eal::memory);
        section.text("lcores", eal::lcores);
        section.text("log-level", eal::logLevel);
        section.text("telemetry", eal::telemetry);
        section.texts("arguments", eal::arguments);
        return eal;
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
