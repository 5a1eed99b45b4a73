package io.millrace.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class StandardOutputTest {
    @Test
    void shouldSayThatItsOutputIsNotWhole() throws Exception {
        final Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "profiles"))
                .redirectOutput(Redirect.to(new File("/dev/full")))
                .start();
        final String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor());
        assertEquals(
                "millrace: standard output did not take everything; is its disk full, or its reader gone?\n", said);
    }
}
