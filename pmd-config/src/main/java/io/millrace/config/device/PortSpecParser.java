package io.millrace.config.device;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.config.problem.Suggestions;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One parse of one {@link PortSpec}. */
final class PortSpecParser {
    private static final String EXAMPLES =
            "a port is net_DRIVER0[,KEY=VALUE...], a PCI address such as 0000:01:00.0, tap:NAME, tun:NAME,"
                    + " packet:NAME or pcap:FILE";
    private static final Pattern PCI =
            Pattern.compile("(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])", Pattern.CASE_INSENSITIVE);
    /** RTE_DEV_NAME_MAX_LEN less the terminating zero. */
    private static final int MAX_DEVICE_NAME = 63;

    private final Located<String> text;
    private final Problems problems;
    private final int before;

    PortSpecParser(Located<String> text, Problems problems) {
        this.text = text;
        this.problems = problems;
        this.before = problems.count();
    }

    @Nullable
    PortSpec parse() {
        final PortSpec spec = parseAny(text.value().strip());
        return problems.count() == before ? spec : null;
    }

    private @Nullable PortSpec parseAny(String device) {
        if (device.startsWith("tap:")) {
            final String name = device.substring(4);
            checkInterfaceName(name);
            return new PortSpec.Tap(name);
        }
        if (device.startsWith("tun:")) {
            final String name = device.substring(4);
            checkInterfaceName(name);
            return new PortSpec.Tun(name);
        }
        if (device.startsWith("packet:")) {
            final String name = device.substring(7);
            checkInterfaceName(name);
            return new PortSpec.Packet(name);
        }
        if (device.startsWith("pcap:")) {
            return parseReplay(device.substring(5));
        }
        final int comma = device.indexOf(',');
        final String name = comma < 0 ? device : device.substring(0, comma);
        final Matcher pci = PCI.matcher(name);
        if (pci.matches()) {
            final String domain = pci.group(1) == null ? "0000" : pci.group(1);
            final String address = (domain + ":" + pci.group(2)).toLowerCase(Locale.ROOT);
            return new PortSpec.Pci(address, parameters(device, comma, null));
        }
        return parseVdev(device, name, comma);
    }

    private PortSpec parseReplay(String rest) {
        final int comma = rest.indexOf(',');
        final String file = comma < 0 ? rest : rest.substring(0, comma);
        if (file.isEmpty()) {
            wrong("'" + text.value() + "' names no capture", "write its file, for instance pcap:trace.pcapng");
        }
        double speed = 1;
        boolean ethernet = true;
        for (final Map.Entry<String, String> parameter :
                parameters(rest, comma, null).entrySet()) {
            final String value = parameter.getValue();
            switch (parameter.getKey()) {
                case "speed" -> speed = speed(value);
                case "medium" -> {
                    ethernet = !value.equals("ip");
                    if (ethernet && !value.equals("ethernet")) {
                        wrong("'" + value + "' is no medium", "write ethernet or ip");
                    }
                }
                default ->
                    wrong(
                            "a capture has no parameter '" + parameter.getKey() + "'",
                            Suggestions.phrase(parameter.getKey(), List.of("speed", "medium")));
            }
        }
        return new PortSpec.Replay(file, speed, ethernet);
    }

    private double speed(String value) {
        if (value.matches("\\d{1,9}(\\.\\d{1,9})?")) {
            return Double.parseDouble(value);
        }
        wrong("'" + value + "' is no speed", "write 2 for twice as fast, 0 for as fast as possible");
        return 1;
    }

    private @Nullable PortSpec parseVdev(String device, String name, int comma) {
        final VdevDriver driver = VdevDriver.of(name);
        if (driver == null) {
            unknownDevice(name);
            return null;
        }
        if (name.length() > MAX_DEVICE_NAME) {
            wrong("'" + name + "' is longer than DPDK takes", "use at most " + MAX_DEVICE_NAME + " characters");
        }
        if (name.equals(driver.prefix())) {
            wrong("'" + name + "' names a driver, not a device of it", "add a number: " + name + "0");
        }
        final Map<String, String> parameters = parameters(device, comma, driver);
        for (final String required : driver.required()) {
            if (!parameters.containsKey(required)) {
                final String sample =
                        required + "=" + (required.equals("iface") ? "INTERFACE" : required.toUpperCase(Locale.ROOT));
                wrong("'" + device + "' lacks " + required + "=", "write " + device + "," + sample);
            }
        }
        final String iface = parameters.get("iface");
        if (iface != null && driver != VdevDriver.VHOST) {
            checkInterfaceName(iface);
        }
        return new PortSpec.Vdev(driver, name, parameters);
    }

    private void unknownDevice(String name) {
        if (name.isEmpty()) {
            wrong("no device", EXAMPLES);
        } else if (name.startsWith("net_")) {
            final String driver = name.replaceAll("\\d+$", "");
            wrong("no driver " + driver, Suggestions.phrase(driver, VdevDriver.prefixes()));
        } else if (name.matches("[A-Za-z0-9_.-]{1,15}")) {
            wrong(
                    "'" + name + "' is not a device",
                    "for a kernel interface write net_af_packet0,iface=" + name + "; " + EXAMPLES);
        } else {
            wrong("'" + name + "' is not a device", EXAMPLES);
        }
    }

    /** Parameters after the first comma; names are checked where the driver is known. */
    private Map<String, String> parameters(String device, int comma, @Nullable VdevDriver driver) {
        final Map<String, String> parameters = new LinkedHashMap<>();
        if (comma < 0) {
            return Map.of();
        }
        for (final String part : device.substring(comma + 1).split(",", -1)) {
            final int equals = part.indexOf('=');
            final String key = equals < 0 ? part : part.substring(0, equals);
            if (equals <= 0 || equals == part.length() - 1) {
                wrong("'" + part + "' in '" + device + "' is no parameter", "write KEY=VALUE");
            } else if (parameters.putIfAbsent(key, part.substring(equals + 1)) != null) {
                wrong("'" + key + "' is given twice in '" + device + "'", "keep one of them");
            } else if (driver != null && !driver.parameters().contains(key)) {
                final Set<String> known = new TreeSet<>(driver.parameters());
                wrong(driver.prefix() + " has no parameter '" + key + "'", Suggestions.phrase(key, known));
            }
        }
        return Collections.unmodifiableMap(parameters);
    }

    private void checkInterfaceName(String name) {
        if (name.isEmpty()) {
            wrong("'" + text.value() + "' names no interface", "write the name after it, for instance tap:mr0");
        } else {
            InterfaceName.check(text.with(name), problems);
        }
    }

    private void wrong(String what, String right) {
        problems.add(text.place(), what, right);
    }
}
