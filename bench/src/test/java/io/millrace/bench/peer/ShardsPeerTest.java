package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.testkit.Await;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Shards that go and come while Linux holds connections: over three queues of a device that spreads flows as it likes,
 * and behind a dispatcher.
 */
@Tag("peers")
@Timeout(600)
final class ShardsPeerTest {
    private static final int CONNECTIONS = 60;

    @TempDir
    private Path folder = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    @ParameterizedTest
    @CsvSource({"',qpairs=3'", "''"})
    void shouldKeepEveryConnectionWhenShardsGoAndCome(String queues) throws Exception {
        namespace = Namespaces.create();
        try (Namespace closed = namespace) {
            new VethPair("mr0", "peer0", List.of("10.91.0.1/24", "fd91::1/64"), 1500).create(closed::run);
            try (ServeProcess server = ServeProcess.start(
                    namespace,
                    folder.resolve("stats.json"),
                    "--port",
                    "net_af_packet0,iface=mr0" + queues,
                    "--address",
                    "10.91.0.2/24,fd91::2/64",
                    "--tcp",
                    "echo:7",
                    "--shards",
                    "2",
                    "--max-shards",
                    "3")) {
                assertEquals("3", server.value("max-shards"));
                final Process client = namespace
                        .process(JavaCommand.of(HeldConnections.class, List.of("10.91.0.2", "7"))
                                .toArray(String[]::new))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                try (Writer commands = client.outputWriter(StandardCharsets.UTF_8);
                        BufferedReader answers = client.inputReader(StandardCharsets.UTF_8)) {
                    moveShards(new Client(commands, answers));
                } finally {
                    client.destroyForcibly();
                }
                check(JsonParser.parseString(server.stop()).getAsJsonObject());
            }
        }
    }

    @Test
    void shouldOpenConnectionsFromEveryShardWhoseAnswersComeBack() throws Exception {
        namespace = Namespaces.create();
        try (Namespace closed = namespace) {
            new VethPair("mr0", "peer0", List.of("10.91.0.1/24", "fd91::1/64"), 1500).create(closed::run);
            final Process service = closed.process("socat", "TCP-LISTEN:7,fork,reuseaddr,backlog=200", "PIPE")
                    .start();
            try {
                Await.until("socat listens", () -> closed.run("ss", "-ltn").contains(":7 "));
                final String said = closed.run(JavaCommand.of(
                                OpeningShards.class,
                                List.of(
                                        "net_af_packet0,iface=mr0,qpairs=2",
                                        "10.91.0.2/24",
                                        "10.91.0.1",
                                        "7",
                                        String.valueOf(CONNECTIONS)))
                        .toArray(String[]::new));
                assertTrue(said.endsWith("ok\n"), said);
                assertTrue(said.contains("opened 30 and 30, 0 left"), said);
            } finally {
                service.destroy();
                service.waitFor();
            }
        }
    }

    private void moveShards(Client client) throws Exception {
        client.tell("open " + CONNECTIONS);
        client.tell("echo");
        String table = shards("remove", "0");
        final int stay = connections(table, 0);
        // The hash spreads 256 neighbouring ports evenly; these are fewer, so one shard may get most of them.
        assertTrue(stay > 0 && stay < CONNECTIONS, "spread over both:\n" + table);
        assertEquals(CONNECTIONS, stay + connections(table, 1), table);
        client.tell("echo");
        client.tell("open " + CONNECTIONS);
        client.tell("echo");

        table = shards("add", "2");
        assertEquals(stay, connections(table, 0), "its connections stay, and it gets no new ones:\n" + table);
        assertEquals(2 * CONNECTIONS - stay, connections(table, 1), table);
        client.tell("echo");
        client.tell("open " + CONNECTIONS);
        client.tell("echo");

        client.tell("close " + CONNECTIONS);
        Await.until("the place is free", () -> shards().contains("    0 free"));
        table = shards();
        assertTrue(connections(table, 2) > 0, "the new shard has its share:\n" + table);
        assertEquals(2 * CONNECTIONS, connections(table, 1) + connections(table, 2), table);
        client.tell("echo");
        shards("add");
        client.tell("open " + CONNECTIONS);
        client.tell("echo");
        LinuxPing.answered(namespace, "10.91.0.2", 3, 56);
        LinuxPing.answered(namespace, "fd91::2", 3, 56);
        table = shards();
        assertTrue(connections(table, 0) > 5, "it is back:\n" + table);
        client.tell("close " + 3 * CONNECTIONS);
        final CommandRun refused = CommandRun.of(namespace, folder, List.of(), Map.of(), "shards", "add");
        assertEquals(2, refused.code(), refused::toString);
        assertTrue(refused.err().getFirst().contains("no place for another shard"), refused::toString);
    }

    /**
     * Every shard that there was is in the summary, and what they counted adds up. That no connection was reset the
     * client has seen; a late acknowledgment of one that is over may well be answered so.
     */
    private static void check(JsonObject json) {
        assertEquals(4, json.getAsJsonArray("loops").size(), json::toString);
        long received = 0;
        for (int i = 0; i < 4; i++) {
            received += json.getAsJsonArray("loops")
                    .get(i)
                    .getAsJsonObject()
                    .get("rxPackets")
                    .getAsLong();
        }
        final JsonObject counters = json.getAsJsonObject("counters");
        assertEquals(counters.get("rxPackets").getAsLong(), received);
        assertTrue(json.has("stuckShards")); // a machine that is busy elsewhere for two seconds looks like it
    }

    private String shards(String... arguments) throws Exception {
        final String[] command = new String[arguments.length + 1];
        command[0] = "shards";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        final CommandRun run = CommandRun.of(namespace, folder, List.of(), Map.of(), command);
        assertEquals(0, run.code(), run::toString);
        return run.out();
    }

    private static int connections(String table, int shard) {
        final Matcher row = Pattern.compile("(?m)^ +" + shard + " \\w+ +\\w+ +\\d+ +\\d+ +([\\d,]+) ")
                .matcher(table);
        assertTrue(row.find(), table);
        return Integer.parseInt(row.group(1));
    }

    private record Client(Writer commands, BufferedReader answers) {
        void tell(String command) throws Exception {
            commands.write(command + "\n");
            commands.flush();
            assertEquals("ok", answers.readLine(), command);
        }
    }
}
