package io.millrace.bench.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonNull;
import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.control.ControlSocket;
import io.millrace.config.ServeConfig;
import io.millrace.config.file.ConfigFile;
import io.millrace.config.problem.Problems;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class ForegroundTest {
    private static final String LOST = "the capture ended early: No space left on device; make room";
    private static final int TOLD = 2;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine line = new CommandLine(new Serve())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler((failure, command, parsed) -> {
                command.getErr().println(failure.getMessage());
                return TOLD;
            });

    @TempDir
    private Path folder;

    @Command(name = "serve")
    private static final class Serve {}

    /** A server whose disk is full, and that ends on its own after that. */
    private static final class FullDisk implements Running {
        private int looks;

        @Override
        public String readyLine() {
            return "ready";
        }

        @Override
        public LiveCounters.Sample sample() {
            throw new AssertionError("nobody watches");
        }

        @Override
        public ControlSocket.Service control() {
            return request -> JsonNull.INSTANCE;
        }

        @Override
        public @Nullable Throwable failure() {
            return looks++ < 2 ? null : new IllegalStateException("over");
        }

        @Override
        public String captureFailure() {
            return LOST;
        }

        @Override
        public ServeSummary stop() {
            return ServeSummary.of(1, List.of(), List.of(), List.of(), new ServeSummary.Buffers(16, 0, 0));
        }

        @Override
        public void close() {}
    }

    @Test
    void shouldTellOfALostCaptureAtOnceAndStillGiveTheSummaryWhenTheDiskIsFull() throws Exception {
        final Path json = folder.resolve("summary.json");
        final Problems problems = new Problems();
        final ServeConfig config = Objects.requireNonNull(
                ConfigFile.parse("test", "ports: [{device: 'tap:a'}]\nstats-json: " + json + "\n", folder, problems)
                        .resolve(false, port -> {}));
        assertTrue(problems.isEmpty(), () -> problems.lines().toString());
        assertEquals(TOLD, new Foreground(line.getCommandSpec(), config).run(FullDisk::new));
        assertEquals(1, out.toString().lines().filter(LOST::equals).count(), out::toString);
        assertTrue(out.toString().contains("0 outstanding"), out::toString);
        assertTrue(Files.exists(json));
        assertEquals(LOST, err.toString().strip());
    }

    @Test
    void shouldTellInTheCommandsWordsWhatItsWorkThrows() throws Exception {
        assertEquals(TOLD, Termination.during(line.getCommandSpec(), termination -> {
            termination.request();
            throw new UserErrorException("the device is gone");
        }));
        assertEquals("the device is gone", err.toString().strip());
    }
}
