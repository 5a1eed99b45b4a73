package io.millrace.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How EAL starts and stops, each in a JVM of its own, since a process starts it once. */
@ExtendWith(DpdkExtension.class)
final class EalTest {
    private static String start(final String... arguments) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                EalLifeCycle.class.getName()));
        command.addAll(List.of(arguments));
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    @Test
    void shouldStartAndStopWithoutAWord() throws IOException, InterruptedException {
        final String output = start("--no-huge", "--no-pci", "--no-shconf", "-m", "64", "--vdev=net_null0");
        assertEquals("affinity kept\nDPDK 22.11\nnet_null0\nstopped\n", output.replaceAll("22\\.11\\.\\d+", "22.11"));
    }

    @Test
    void shouldQuoteGetoptWhenAnArgumentIsUnknown() throws IOException, InterruptedException {
        final String output = start("--no-huge", "--nosuch");
        assertTrue(output.contains("unrecognized option '--nosuch'"), output);
        assertEquals(1, output.lines().count(), output);
    }

    @Test
    void shouldStartAfterAnArgumentWasWrong() throws IOException, InterruptedException {
        final String output = start("--no-huge", "--no-pci", "--no-shconf", "-m", "64", "--", "retry");
        assertTrue(output.endsWith("stopped\n"), output);
    }

    @Test
    void shouldLeaveNoFolderBehind() throws IOException, InterruptedException {
        final String prefix =
                "--file-prefix=millrace-test-" + ProcessHandle.current().pid();
        start("--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "-m", "64", prefix);
        for (final String parent : List.of("/run/dpdk", "/tmp/dpdk")) {
            assertFalse(Files.exists(Path.of(parent, prefix.substring(prefix.indexOf('=') + 1))));
        }
    }

    /** It would go on, over memory that is gone, with what net_memif as a server leaves it to watch. */
    @Test
    void shouldEndTheThreadForInterruptsWhenItStops() throws IOException, InterruptedException {
        final String output = start("--no-huge", "--no-pci", "--no-shconf", "-m", "64");
        assertTrue(output.endsWith("\nstopped\n"), output);
        assertFalse(output.contains("left behind"), output);
    }

    @Test
    void shouldAnswerOnTheTelemetrySocket() throws IOException, InterruptedException {
        final String output = start("--no-huge", "--no-pci", "--no-shconf", "-m", "64", "--", "telemetry");
        assertTrue(output.contains("{\"/millrace/test\":{\"packets\":18446744073709551615,\"drops\":7}}"), output);
        assertTrue(output.contains("cannot register telemetry command nosuch: Invalid argument"), output);
        assertTrue(output.contains("folder gone"), output);
    }
}
