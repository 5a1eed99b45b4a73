package io.millrace.bench.command;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of another process like this one: same Java, same flags, same class path. */
public final class JvmCommand {
    /** The class that runs commands: by its name, since it knows them all. */
    public static final String MAIN = "io.millrace.bench.cli.Main";

    private static final String STDERR = "-D" + StandardError.PROPERTY + "=";

    private JvmCommand() {}

    /**
     * Makes one.
     *
     * @param flags more flags of the JVM
     * @param arguments of {@code millrace}
     */
    public static List<String> of(List<String> flags, List<String> arguments) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (final String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // The launcher's descriptor is not open in the new process: its number is some file of that JVM's own.
            if (!flag.startsWith(STDERR)) {
                command.add(flag);
            }
        }
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
        command.addAll(arguments);
        return command;
    }
}
