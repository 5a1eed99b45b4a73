package io.millrace.bench.nc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code millrace nc} refuses before it opens anything. */
final class NcCommandTest {
    @ParameterizedTest
    @CsvSource({
        "--ao-ids=1:2 10.0.0.1 80, --ao-ids: there is no key; add --ao FILE",
        "--ao-cmac 10.0.0.1 80, --ao-cmac: there is no key; add --ao FILE",
        "-k 10.0.0.1 80, -k: only a listener can go on; add -l",
        "-4 -6 10.0.0.1 80, -4 and -6 exclude each other; give one of them"
    })
    void shouldSayWhatDoesNotGoTogether(final String words, final String message) {
        final List<String> arguments =
                new ArrayList<>(List.of("nc", "-w", "1", "--port", "tap:mrnc0", "--address", "10.0.0.2/24"));
        arguments.addAll(List.of(words.split(" ")));
        final StringWriter err = new StringWriter();
        final int code =
                Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), arguments.toArray(String[]::new));
        assertEquals("millrace nc: " + message, err.toString().strip());
        assertEquals(2, code);
    }
}
