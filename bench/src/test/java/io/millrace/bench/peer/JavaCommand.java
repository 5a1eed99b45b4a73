package io.millrace.bench.peer;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of another JVM like this one: same Java, same flags, same class path. */
final class JavaCommand {
    private JavaCommand() {}

    static List<String> of(Class<?> main, List<String> arguments) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (final String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--") || flag.startsWith("-XX:+EnableDynamic")) {
                command.add(flag);
            }
        }
        // Two JVMs and a kernel share this machine: compile less, collect with one thread.
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4", "-Xmx512m"));
        command.addAll(List.of("-Dio.millrace.debug=" + System.getProperty("io.millrace.debug", "false")));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return command;
    }
}
