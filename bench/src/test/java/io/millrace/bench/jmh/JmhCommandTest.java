package io.millrace.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JmhCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldListTheBenchmarksThatMatch() {
        assertEquals(0, run("bench", "jmh", "--list", "Checksum"));
        assertEquals(
                "io.millrace.bench.jmh.ChecksumBenchmark.sum", out.toString().strip());
    }

    @ParameterizedTest
    @CsvSource({
        "noSuchThing, no benchmark matches noSuchThing; millrace bench jmh --list shows all",
        "(, REGEX: ( is no regular expression: Unclosed group at character 2",
        "--iterations=0, --iterations: 0 is out of range; write a number from 1 to 1000"
    })
    void shouldSayInOneLineWhatIsWrong(final String argument, final String message) {
        assertEquals(2, run("bench", "jmh", argument));
        assertEquals("millrace bench jmh: " + message, err.toString().strip());
    }

    @Test
    void shouldExplainItself() {
        assertEquals(0, run("bench", "jmh", "--help"));
        assertTrue(out.toString().contains("--profile"), out::toString);
    }

    private int run(final String... args) {
        return Main.run(new PrintWriter(out), new PrintWriter(err), args);
    }
}
