package io.millrace.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What a test's process says on its standard output, line by line. */
public final class Said {
    /** How long a process that says something else may go on saying it, such as the rest of a stack trace. */
    private static final int REST_SECONDS = 2;

    private Said() {}

    /** Asserts that the next line is as expected; if not, ends the process and shows all that it said. */
    public static void assertNext(final String expected, final BufferedReader said, final Process process)
            throws IOException, InterruptedException {
        final String line = said.readLine();
        if (expected.equals(line)) {
            return;
        }
        if (!process.waitFor(REST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        fail("expected: " + expected + ", but it said: " + line
                + said.lines().map(rest -> "\n" + rest).collect(Collectors.joining()));
    }
}
