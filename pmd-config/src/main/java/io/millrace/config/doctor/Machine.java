package io.millrace.config.doctor;

import io.millrace.config.host.Host;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that the checks look at; a test replaces any of it.
 *
 * @param host files of the kernel's
 * @param java of this JVM
 * @param vendor of this JVM
 * @param command runs a command and gives its output, or null if there is no such command or it failed
 */
public record Machine(
        Host host, Runtime.Version java, String vendor, Function<List<String>, @Nullable String> command) {
    private static final int PATIENCE_SECONDS = 5;

    /** This machine and this JVM. */
    public static Machine local() {
        return new Machine(
                Host.local(), Runtime.version(), System.getProperty("java.vendor", "unknown vendor"), Machine::run);
    }

    private static @Nullable String run(List<String> command) {
        try {
            final Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return null;
            }
            return process.exitValue() == 0 ? output : null;
        } catch (IOException noSuchCommand) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
