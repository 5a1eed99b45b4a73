package io.millrace.bench.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.control.ControlException;
import io.millrace.bench.options.ServeOptions;
import io.millrace.bench.plan.ServePlan;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.testkit.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shards of a server on a capture without packets, of which one is removed, and its thread held up. */
@Timeout(300)
final class LeavingShardTest {
    private static final long SECOND = 1_000_000;

    @TempDir
    Path folder;

    private final CountDownLatch release = new CountDownLatch(1);
    private long now = ShardOptions.monotonicMicros();
    private ServerPorts ports;
    private ServerShards shards;

    @Command(name = "serve")
    private static final class Serve {
        @Mixin
        private final ServeOptions options = new ServeOptions();
    }

    @BeforeEach
    void startShards() throws IOException {
        final ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0xA1B2_C3D4).putShort((short) 2).putShort((short) 4);
        header.position(16).putInt(65_535).putInt(1); // snap length, Ethernet
        final Path capture = Files.write(folder.resolve("empty.pcap"), header.array());
        final Serve serve = new Serve();
        new CommandLine(serve)
                .parseArgs(
                        "--port=pcap:" + capture,
                        "--address=192.0.2.1/24",
                        "--tcp=echo:7",
                        "--shards=3",
                        "--pool-size=4096");
        final ServePlan plan = serve.options.plan();
        ports = ServerPorts.open(plan.config(), 0);
        shards = new ServerShards(plan, ports, new LostAddresses());
        shards.start();
    }

    @AfterEach
    void close() {
        release.countDown();
        assertEquals(List.of(), shards.close());
        final ServeSummary.Buffers buffers = ports.settle(ports.caches());
        ports.close();
        assertEquals(0, buffers.outstanding(), "buffers that are not back");
    }

    private String state(int place) {
        return shards.rows().get(place).state();
    }

    /** Has the threads of shards do nothing until they are released. */
    private void holdUp(int... places) throws InterruptedException {
        for (final int place : places) {
            final CountDownLatch held = new CountDownLatch(1);
            assertTrue(shards.controls().get(place).thread().test(() -> {
                held.countDown();
                boolean interrupted = true;
                while (interrupted) {
                    try {
                        release.await();
                        interrupted = false;
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
            }));
            held.await();
        }
    }

    /** Removes a shard, and waits until it has given its last bucket away, which its own thread does. */
    private void remove(int place) throws Exception {
        shards.remove(place);
        Await.until("no bucket left", () -> !ports.table().serves(place));
    }

    /** What is said of shard 1: time runs too fast here for others that do nothing. */
    private List<String> tend(long micros) {
        return shards.tend(micros).stream()
                .filter(line -> line.startsWith("shard-1 "))
                .toList();
    }

    private List<String> tendUntil(int place, String wanted) throws Exception {
        final List<String> news = new ArrayList<>(tend(now));
        Await.until("shard " + place + " " + wanted, () -> {
            final boolean there = state(place).equals(wanted);
            news.addAll(there ? List.of() : tend(now));
            return there;
        });
        return news;
    }

    @Test
    void shouldTakeAShardAwayOnceItsThreadHasEnded() throws Exception {
        remove(1);
        assertEquals(List.of("shard-1 has ended; its last connection is over"), tendUntil(1, "free"));
        assertEquals(1, shards.add(-1));
        assertEquals("runs", state(1));
        assertEquals("ended", shards.summaries().getFirst().state());
    }

    @Test
    void shouldNotWaitForAShardThatDoesNotEnd() throws Exception {
        remove(1);
        holdUp(1);
        final long begin = System.nanoTime();
        assertEquals(List.of(), tend(now));
        assertEquals("ends", state(1));
        assertEquals(List.of(), tend(now += SECOND));
        assertTrue(System.nanoTime() - begin < 9_500_000_000L, "it waited, which would be for ten seconds");

        // Nobody asks it anything, and its place is nobody else's.
        assertEquals(
                List.of(0, 2),
                shards.controls().stream().map(shard -> shard.place()).toList());
        assertRefused("has not ended yet", 1);
        assertRefused("has not ended yet", -1);
        assertTrue(String.join("\n", tend(now += 2 * SECOND)).contains("shard-1 is stuck"));
        assertEquals("stuck", state(1));

        // Given up, it is looked after all the same.
        assertEquals(
                List.of("shard-1 was to end and has not within 10 s; its place is taken until it does"),
                tend(now += 10 * SECOND));
        assertEquals("lost", state(1));
        assertEquals(List.of(), tend(now += SECOND));
        assertRefused("has not ended when it should", 1);
        assertNull(shards.failure());
        assertTrue(shards.shutdown(), "the others hear that the server ends");
        release.countDown();
    }

    @Test
    void shouldTakeALostShardAwayOnceItHasEndedAfterAll() throws Exception {
        remove(1);
        holdUp(1);
        tend(now);
        tend(now += 11 * SECOND);
        assertEquals("lost", state(1));
        release.countDown();
        assertEquals(List.of("shard-1 has ended; its last connection is over"), tendUntil(1, "free"));
        assertEquals(1, shards.add(1));
        assertEquals("runs", state(1));
    }

    /** Whoever hangs cannot say that its connections are over; others are to have what is new all the same. */
    @Test
    void shouldGiveUpTheConnectionsOfAShardThatHangsWhileItLeaves() throws Exception {
        holdUp(1);
        tend(now);
        assertTrue(String.join("\n", tend(now += 3 * SECOND)).contains("shard-1 is stuck"));
        assertEquals(List.of(), tend(now += SECOND));
        assertEquals(List.of(), tend(now += 60 * SECOND), "nobody wants it to leave");
        shards.remove(1);
        assertTrue(ports.table().serves(1));
        assertEquals(
                List.of("shard-1 is stuck and was to leave; its connections are given up, and its place is taken until"
                        + " its thread ends"),
                tend(now += SECOND));
        assertFalse(ports.table().serves(1), "packets are still brought to it");
        assertEquals("lost", state(1));
        assertEquals(List.of(), tend(now += SECOND));
        assertRefused("has not ended when it should", 1);
        release.countDown();
        assertEquals(List.of("shard-1 has ended"), tendUntil(1, "free"));
        assertEquals(1, shards.add(1));
        assertEquals("runs", state(1));
    }

    /** One that only was stuck. */
    @Test
    void shouldKeepTheConnectionsOfAShardThatHangsForAShortTimeWhileItLeaves() throws Exception {
        holdUp(1);
        shards.remove(1);
        tend(now);
        tend(now += 3 * SECOND);
        tend(now += SECOND);
        assertEquals(List.of(), tend(now += 9 * SECOND));
        assertTrue(ports.table().serves(1));
        release.countDown();
        assertEquals(List.of("shard-1 has ended; its last connection is over"), tendUntil(1, "free"));
    }

    /** A shard that is added asks another one what it knows, and waits for the answer. */
    @Test
    void shouldNotWaitForWhoeverAddsAShard() throws Exception {
        remove(1);
        tendUntil(1, "free");
        holdUp(0);
        final Thread adding = Thread.ofPlatform().start(() -> shards.add(1));
        Await.until(
                "waiting for the other shard",
                () -> adding.getState() == Thread.State.WAITING || adding.getState() == Thread.State.TIMED_WAITING);
        assertEquals(List.of(), tend(now));
        assertEquals(3, shards.rows().size());
        // Had one of them waited, nobody would have let go of the other shard, and adding would have been given up.
        release.countDown();
        adding.join();
        assertEquals("runs", state(1));
    }

    private void assertRefused(String why, int place) {
        final String message = String.valueOf(
                assertThrows(ControlException.class, () -> shards.add(place)).getMessage());
        assertTrue(message.contains(why), message);
    }
}
