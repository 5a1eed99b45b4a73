package io.millrace.bench.packetdrill;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.packetdrill.ScriptResult.Verdict;
import io.millrace.bench.packetdrill.script.Script;
import io.millrace.bench.packetdrill.script.ScriptException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs packetdrill scripts, and prints of each whether it passed. */
@Command(
        name = "packetdrill",
        description = "Run scripts in packetdrill's language against the stack, in process and on virtual time.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Prints OK or FAIL for each script, with script:line, what was expected and what was got. A script that"
                    + " asks for something that the stack or the runner has not is UNSUPPORTED, which is no failure unless"
                    + " --strict says so. One"
                    + " with a comment '// Failure: PATTERN' is OK if the event behind that fails with such a report.",
            "Exit code 0 if no script failed, 1 if one did, 2 if there is none.",
            "",
            "Shell commands are not run: those that set sysctls are done to the configuration of the stack; 'dd' makes"
                    + " a file for open() and sendfile(), of which only the length matters; 'ip route change' tells it"
                    + " what is known of a path, with 'tc qdisc replace dev tun0 root pfifo limit 0' its link takes nothing"
                    + " until another queue is put there, and 'sleep' lets time pass.",
            "",
            "A script that sets sysctls of FreeBSD's (net.inet.*, kern.ipc.*) is FreeBSD's: it starts from FreeBSD's"
                    + " defaults, #ifdef FreeBSD holds, and four things are compared less strictly, all the sender's own"
                    + " choice: the order of options and their padding, windows that are smaller by less than a segment,"
                    + " sizes of buffers that differ by less than one, and whether a FIN that was sent comes again with an"
                    + " acknowledgment of what came since."
        })
public final class PacketdrillCommand implements Callable<Integer> {
    private static final int PASSED = 0;
    private static final int FAILED = 1;
    private static final String SUFFIX = ".pkt";

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Scripts, and folders to look for *.pkt in.")
    private List<Path> places = List.of();

    @Option(
            names = {"--ip-version", "--ip_version"},
            paramLabel = "VERSION",
            description =
                    "ipv4, ipv6, ipv4-mapped-ipv6, which looks like ipv4 on the wire, or both of the first two, for"
                            + " scripts that do not say (default: ipv4).")
    private String version = "ipv4";

    @Option(
            names = {"-D", "--define"},
            paramLabel = "NAME=VALUE",
            description = "Stands for VALUE wherever NAME is in a script.")
    private Map<String, String> defines = new HashMap<>();

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description =
                    "An option line of packetdrill (mtu, tolerance_usecs, local_ip, ...), before those of the script.")
    private Map<String, String> options = new HashMap<>();

    @Option(names = "--strict", description = "A script that is UNSUPPORTED is a failure, too.")
    private boolean strict;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print only what did not pass, and the sum.")
    private boolean quiet;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        final List<Path> scripts = new ArrayList<>();
        places.forEach(place -> collect(place, scripts));
        if (scripts.isEmpty()) {
            throw new UserErrorException(
                    "no " + SUFFIX + " file in " + places + "; name scripts or folders with scripts");
        }
        final List<String> versions = switch (version) {
            case "both" -> List.of("ipv4", "ipv6");
            case "ipv4", "ipv6", "ipv4-mapped-ipv6" -> List.of(version);
            default ->
                throw new UserErrorException(
                        "--ip-version: " + version + "; give ipv4, ipv6, ipv4-mapped-ipv6 or both");
        };
        final EnumMap<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
        for (final String each : versions) {
            final ScriptRunner runner = new ScriptRunner(defines, lines(each));
            for (final Path script : scripts) {
                final ScriptResult result = run(runner, script);
                counts.merge(result.verdict(), 1, Integer::sum);
                print(result, script + (versions.size() > 1 ? " (" + each + ")" : ""));
            }
        }
        final PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%d passed, %d failed, %d unsupported%n",
                counts.getOrDefault(Verdict.OK, 0),
                counts.getOrDefault(Verdict.FAIL, 0),
                counts.getOrDefault(Verdict.UNSUPPORTED, 0));
        out.flush();
        final boolean failed = counts.containsKey(Verdict.FAIL) || (strict && counts.containsKey(Verdict.UNSUPPORTED));
        return failed ? FAILED : PASSED;
    }

    private List<Script.Option> lines(final String ipVersion) {
        final List<Script.Option> lines = new ArrayList<>();
        lines.add(new Script.Option(0, "ip_version", ipVersion));
        options.forEach((name, value) -> lines.add(new Script.Option(0, name, value)));
        try {
            Settings.check(lines);
        } catch (final ScriptException e) {
            throw new UserErrorException(
                    "--set: " + e.getMessage() + (e.isUnsupported() ? " is not known here" : "")
                            + "; write one of packetdrill's, such as mtu=1400 or local_ip=10.0.0.2",
                    e);
        }
        return lines;
    }

    private static void collect(final Path place, final List<Path> scripts) {
        if (Files.isRegularFile(place)) {
            scripts.add(place);
            return;
        }
        try (Stream<Path> files = Files.walk(place)) {
            files.filter(file -> file.toString().endsWith(SUFFIX) && (Files.isRegularFile(file) || leadsNowhere(file)))
                    .sorted()
                    .forEach(scripts::add);
        } catch (final IOException | UncheckedIOException e) {
            throw new UserErrorException("cannot read " + place + ": give a script or a folder that is there", e);
        }
    }

    /** A link to what is not there, which is told rather than passed over. */
    private static boolean leadsNowhere(final Path file) {
        return Files.isSymbolicLink(file) && Files.notExists(file);
    }

    /** What cannot be read fails, and what is behind it runs all the same. */
    private static ScriptResult run(final ScriptRunner runner, final Path script) {
        try {
            return runner.run(script);
        } catch (final NoSuchFileException e) {
            return ScriptResult.fail(script + ": cannot be read: it leads to no file");
        } catch (final AccessDeniedException e) {
            return ScriptResult.fail(script + ": cannot be read: permission denied");
        } catch (final IOException e) {
            return ScriptResult.fail(script + ": cannot be read: " + e.getMessage());
        }
    }

    private void print(final ScriptResult result, final String script) {
        if (quiet && result.verdict() == Verdict.OK) {
            return;
        }
        final PrintWriter out = spec.commandLine().getOut();
        out.printf("%-11s [%s]%n", result.verdict(), script);
        result.lines().forEach(line -> out.println("  " + line));
        out.flush();
    }
}
