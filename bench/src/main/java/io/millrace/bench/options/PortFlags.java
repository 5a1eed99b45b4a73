package io.millrace.bench.options;

import io.millrace.config.PortSettings;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The flags that describe ports, in the order of the command line: each belongs to the {@code --port} before it, those
 * in front of the first {@code --port} to the first. Lists given several times add up; what a port has only one of may
 * be given once.
 */
final class PortFlags {
    private static final String PORT = "--port";

    private record Flag(String name, String text) {}

    private final List<Flag> flags = new ArrayList<>();

    /** Adds the next flag. */
    void add(String name, String text) {
        flags.add(new Flag(name, text));
    }

    /** One layer of settings for each port. */
    List<PortSettings> settings(Problems problems) {
        final List<List<Flag>> ports = split();
        final List<PortSettings> all = new ArrayList<>();
        for (final List<Flag> port : ports) {
            all.add(settings(port, ports.size() > 1, problems));
        }
        return all;
    }

    private List<List<Flag>> split() {
        final List<List<Flag>> ports = new ArrayList<>();
        List<Flag> current = new ArrayList<>();
        boolean named = false;
        for (final Flag flag : flags) {
            final boolean begins = flag.name.equals(PORT);
            if (begins && named) {
                ports.add(current);
                current = new ArrayList<>();
            }
            named |= begins;
            current.add(flag);
        }
        if (!current.isEmpty()) {
            ports.add(current);
        }
        return ports;
    }

    private static PortSettings settings(List<Flag> port, boolean several, Problems problems) {
        final Map<String, List<Located<String>>> lists = new LinkedHashMap<>();
        final Map<String, Located<String>> values = new LinkedHashMap<>();
        for (final Flag flag : port) {
            final Place place = Place.flag(flag.name);
            switch (flag.name) {
                case "--address", "--gateway", "--route" ->
                    PortOptions.split(flag.name, flag.text)
                            .forEach(text -> lists.computeIfAbsent(flag.name, name -> new ArrayList<>())
                                    .add(text));
                default -> {
                    final Located<String> value = new Located<>(flag.text.strip(), place);
                    if (values.putIfAbsent(flag.name, value) != null) {
                        problems.add(
                                place,
                                "'" + value.value() + "' is the second for one port",
                                "keep one, or begin another port with --port SPEC before it");
                    }
                }
            }
        }
        final Located<String> device = values.get(PORT);
        final PortSettings settings = new PortSettings(place(port.getFirst(), device, several), problems);
        values.forEach((name, value) -> {
            switch (name) {
                case PORT -> settings.device(value);
                case "--mac" -> settings.mac(value);
                case "--mtu" -> settings.mtu(value);
                case "--vlan" -> settings.vlan(value);
                case "--checksums" -> settings.checksums(value);
                case "--segmentation" -> settings.segmentation(value);
                case "--host" -> settings.host(value);
                case "--faults-in" -> settings.faultsIn(value);
                case "--faults-out" -> settings.faultsOut(value);
                case "--fault-seed" -> settings.faultSeed(value);
                case "--mirror" -> settings.mirror(value);
                case "--meter" -> settings.meter(value);
                default -> throw new IllegalStateException(name + " describes no port");
            }
        });
        lists.forEach((name, texts) -> {
            switch (name) {
                case "--address" -> settings.addresses(texts);
                case "--gateway" -> settings.gateways(texts);
                default -> settings.routes(texts);
            }
        });
        return settings;
    }

    /** Where the port as a whole is described; with several ports the device tells which. */
    private static Place place(Flag first, @Nullable Located<String> device, boolean several) {
        if (device == null) {
            return Place.flag(first.name);
        }
        return Place.flag(several ? PORT + " " + device.value() : PORT);
    }

    /** Hands each occurrence of an option to its method as it comes, which picocli does not do by itself. */
    static final class InOrder implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> args, ArgSpec argument, CommandSpec command) {
            if (args.isEmpty()) {
                final String name = ((OptionSpec) argument).longestName();
                throw new MissingParameterException(
                        command.commandLine(),
                        argument,
                        "Missing required parameter for option '" + name + "' (" + argument.paramLabel() + ")");
            }
            argument.setValue(args.pop());
        }
    }
}
