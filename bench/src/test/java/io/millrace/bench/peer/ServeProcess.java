package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.millrace.bench.cli.Main;
import io.millrace.bench.control.ControlRequest;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code millrace serve} or {@code forward} as a process in a namespace, from its {@code ready} line to its exit code.
 */
final class ServeProcess implements AutoCloseable {
    private static final String END = "\0";

    private final Process process;
    private final Path statsJson;
    private final List<String> lines = new ArrayList<>();
    private final String ready;

    private ServeProcess(Process process, Path statsJson) throws InterruptedException {
        this.process = process;
        this.statsJson = statsJson;
        final BlockingQueue<String> output = new LinkedBlockingQueue<>();
        final BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().name("serve-output").start(() -> {
            try {
                reader.lines().forEach(line -> {
                    synchronized (lines) {
                        lines.add(line);
                    }
                    output.add(line);
                });
            } catch (UncheckedIOException e) {
                // The process was ended the hard way while we read.
            }
            output.add(END);
        });
        String line = "";
        while (!line.startsWith("ready")) {
            line = output.poll(Await.SECONDS, TimeUnit.SECONDS);
            if (line == null || line.equals(END)) {
                process.destroyForcibly();
                fail("the command is not ready; it said:\n" + output());
            }
        }
        this.ready = line;
    }

    /** Starts the server and waits until it can be reached. */
    static ServeProcess start(Namespace namespace, Path statsJson, String... arguments)
            throws IOException, InterruptedException {
        return startCommand("serve", namespace, statsJson, arguments);
    }

    /** The same for another command that runs until it is told to stop. */
    static ServeProcess startCommand(String command, Namespace namespace, Path statsJson, String... arguments)
            throws IOException, InterruptedException {
        final List<String> all = new ArrayList<>(List.of(command, "--stats-json", statsJson.toString()));
        all.addAll(List.of(arguments));
        final ProcessBuilder builder =
                new ProcessBuilder(namespace.enter(JavaCommand.of(Main.class, all))).redirectErrorStream(true);
        // Control sockets of tests stay beside the other files of the test.
        builder.environment()
                .put("MILLRACE_RUNTIME_DIR", statsJson.resolveSibling("run").toString());
        return new ServeProcess(builder.start(), statsJson);
    }

    /** A value of the {@code ready} line. */
    String value(String key) {
        final Matcher matcher = Pattern.compile(" " + key + "=(\\S+)").matcher(ready);
        assertTrue(matcher.find(), ready);
        return matcher.group(1);
    }

    /** Has the command serve a request, without a process for it, and asserts that it does; gives the rows of the answer. */
    JsonArray request(String object, String action, Map<String, String> arguments) throws IOException {
        final Path socket = statsJson.resolveSibling("run").resolve(value("instance") + ".sock");
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                Writer out = Channels.newWriter(channel, StandardCharsets.UTF_8);
                BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            out.write(new Gson().toJson(new ControlRequest(object, action, arguments)) + "\n");
            out.flush();
            final String answer = in.readLine();
            assertNotNull(answer, () -> "no answer to " + object + " " + action + "; it said:\n" + output());
            final JsonArray rows =
                    JsonParser.parseString(answer).getAsJsonObject().getAsJsonArray("rows");
            assertNotNull(rows, () -> object + " " + action + " " + arguments + ": " + answer);
            return rows;
        }
    }

    /** Waits until its addresses are checked: before that, it gives them up to whoever wants them. */
    void awaitAddresses() throws Exception {
        Await.until("addresses that are checked", () -> {
            for (final JsonElement row : request("address", "show", Map.of())) {
                final String state = row.getAsJsonObject().get("state").getAsString();
                if (state.equals("tentative") || state.equals("optimistic")) {
                    return false;
                }
            }
            return true;
        });
    }

    /** All that the server said so far. */
    String output() {
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }

    /** Waits until a text has come so many times. */
    void await(String text, int times) throws Exception {
        Await.until(() -> "'" + text + "' " + times + " times in\n" + output(), () -> {
            assertTrue(process.isAlive(), this::output);
            return output().split(Pattern.quote(text), -1).length - 1 >= times;
        });
    }

    /** Whether the server still runs. */
    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the server with SIGTERM and checks that it went in order, with every buffer back in its pool. */
    String stop() throws IOException, InterruptedException {
        // Process.destroy would close its output as well, in which the summary is yet to come.
        process.toHandle().destroy();
        assertTrue(process.waitFor(Await.SECONDS, TimeUnit.SECONDS), () -> "still running:\n" + output());
        assertEquals(0, process.exitValue(), this::output);
        final String json = Files.readString(statsJson);
        assertTrue(Pattern.compile("\"buffersOutstanding\": 0\\b").matcher(json).find(), json);
        return json;
    }

    /** Ends the server as {@code kill -9} does, without a word to it. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertTrue(process.waitFor(Await.SECONDS, TimeUnit.SECONDS), "a killed process does not end");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
