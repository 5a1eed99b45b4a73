package io.millrace.bench.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.millrace.config.ForwardingMode;
import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.Source;
import io.millrace.dataplane.pipeline.node.End;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.StackCounter;
import io.millrace.stack.node.StackNode;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.testkit.Frames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every target survives a few seconds of fuzzing; {@code millrace fuzz} does the same for hours. */
final class FuzzerTest {
    private static final Duration TIME = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    @Tag("peers") // It takes its time, and a JVM for each target.
    @ParameterizedTest
    @EnumSource(FuzzTarget.class)
    void shouldFindNothing(final FuzzTarget target) throws IOException, InterruptedException {
        final Path log = folder.resolve("log");
        final boolean clean = Fuzzer.run(target, TIME, folder, ProcessBuilder.Redirect.to(log.toFile()));
        assertTrue(clean, () -> read(log));
        assertTrue(read(log).contains("DONE"), () -> read(log));
    }

    @ParameterizedTest
    @EnumSource(Medium.class)
    void shouldReplayItsExamples(final Medium medium) throws IOException {
        ExampleConversations.write(medium, folder);
        final List<Path> examples;
        try (Stream<Path> files = Files.list(folder)) {
            examples = files.sorted().toList();
        }
        assertEquals(6, examples.size());
        for (final Path example : examples) {
            final byte[] input = Files.readAllBytes(example);
            assertTrue(input.length > 60, () -> example + " is empty");
            FuzzedStack.run(medium, input);
        }
    }

    @Test
    void shouldFeedEveryNodeWhenItFuzzesThem() throws IOException {
        FuzzTarget.NODES.writeExamples(folder);
        final List<Path> examples;
        try (Stream<Path> files = Files.list(folder)) {
            examples = files.toList();
        }
        assertEquals(6 * NodeFuzz.NODES, examples.size());
        for (final Path example : examples) {
            final byte[] input = Files.readAllBytes(example);
            assertTrue(NodeFuzz.run(input[0], Arrays.copyOfRange(input, 1, input.length)) > 1, example::toString);
        }
    }

    @Test
    void shouldRunEveryModeWhenItFuzzesThem() throws IOException {
        final Set<ForwardingMode> modes = EnumSet.noneOf(ForwardingMode.class);
        for (final String command : ModeFuzz.COMMANDS) {
            modes.add(Objects.requireNonNull(ModeFuzz.plan(command).config().appliance())
                    .mode());
        }
        assertEquals(EnumSet.allOf(ForwardingMode.class), modes);
        FuzzTarget.MODES.writeExamples(folder);
        final long[] sent = new long[ModeFuzz.COMMANDS.size()];
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path example : files.toList()) {
                final byte[] input = Files.readAllBytes(example);
                sent[input[0]] += ModeFuzz.run(input[0], Arrays.copyOfRange(input, 1, input.length));
            }
        }
        for (int which = 0; which < sent.length; which++) {
            // A single recorder's packets end there.
            assertEquals(which != 4, sent[which] > 0, ModeFuzz.COMMANDS.get(which));
        }
    }

    @Test
    void shouldKnowEveryNodeThatThereIs() {
        final PoolCache cache = new PoolCache(ArenaPool.create(64, 128), 8);
        final Set<String> fuzzed = new TreeSet<>(Set.of(End.class.getName()));
        for (int which = 0; which < NodeFuzz.NODES; which++) {
            fuzzed.add(NodeFuzz.node(which, cache).getClass().getName());
        }
        final Set<String> all = new TreeSet<>();
        for (final JavaClass type :
                new ClassFileImporter().importUrls(List.of(home(Node.class), home(StackNode.class)))) {
            // Sources have no packets come in.
            if (type.isAssignableTo(Node.class)
                    && !type.isAssignableTo(Source.class)
                    && !type.getModifiers().contains(JavaModifier.ABSTRACT)
                    && type.isTopLevelClass()) {
                all.add(type.getName());
            }
        }
        assertEquals(all, fuzzed);
    }

    @ParameterizedTest
    @EnumSource(HeaderFuzz.Kind.class)
    void shouldWriteWhatItParsedWhenItFuzzesHeaders(final HeaderFuzz.Kind kind) {
        final MemorySegment example = Frames.ofBytes(kind.example());
        final HeaderFuzz fuzz = new HeaderFuzz();
        final int length = fuzz.roundTrip(kind, example, 0, (int) example.byteSize());
        assertTrue(kind == HeaderFuzz.Kind.ERROR ? length == 0 : length > 0);
        assertEquals(Frames.hex(example, 0, length), Frames.hex(fuzz.written(), 0, length));
        assertEquals(-1, fuzz.roundTrip(kind, example, 0, 2));
    }

    @Test
    void shouldKnowEveryHeaderThatCanBeParsed() {
        final Set<String> fuzzed = new TreeSet<>();
        for (final HeaderFuzz.Kind kind : HeaderFuzz.Kind.values()) {
            fuzzed.add(kind.make().repr().getClass().getName());
        }
        final Set<String> all = new TreeSet<>();
        for (final JavaClass type : new ClassFileImporter().importUrls(List.of(home(TcpRepr.class)))) {
            if (type.getPackageName().equals(TcpRepr.class.getPackageName())
                    && type.getSimpleName().endsWith("Repr")
                    && type.getMethods().stream()
                            .anyMatch(method -> method.getName().equals("parse"))) {
                all.add(type.getName());
            }
        }
        assertEquals(all, fuzzed);
    }

    /** Where a module's classes lie, and no test's. */
    private static URL home(final Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    @Test
    void shouldPutFragmentsTogetherWhenItFuzzesThem() throws IOException {
        final Map<StackCounter, Long> counted = counted(FuzzTarget.FRAGMENTS, FragmentFuzz::run);
        assertEquals(4, counted.get(StackCounter.REASSEMBLED));
        assertEquals(2, counted.get(StackCounter.FRAGMENT_OVERLAP));
        assertEquals(2, counted.get(StackCounter.FRAGMENT_TOO_LONG));
    }

    @Test
    void shouldHaveItsNeighborsLookedForWhenItFuzzesThem() throws IOException {
        final Map<StackCounter, Long> counted = counted(FuzzTarget.NEIGHBORS, NeighborFuzz::run);
        assertTrue(counted.getOrDefault(StackCounter.NEIGHBOR_REQUESTS_SENT, 0L) > 10, counted::toString);
        assertEquals(0, counted.get(StackCounter.ICMP_BAD_CHECKSUM));
    }

    @Test
    void shouldReachSocketsWhenItFuzzesThem() throws IOException {
        final Map<StackCounter, Long> counted = counted(FuzzTarget.SOCKETS, SocketFuzz::run);
        assertTrue(counted.getOrDefault(StackCounter.ICMP_ERRORS_RECEIVED, 0L) >= 12, counted::toString);
        assertEquals(0, counted.get(StackCounter.ICMP_BAD_CHECKSUM));
    }

    @Test
    void shouldForwardWhenItFuzzesThat() throws IOException {
        final Map<StackCounter, Long> counted = counted(FuzzTarget.FORWARDING, ForwardingFuzz::run);
        assertTrue(counted.getOrDefault(StackCounter.FORWARDED, 0L) > 20, counted::toString);
        assertTrue(counted.getOrDefault(StackCounter.ROUTER_ALERTS, 0L) > 5, counted::toString);
        assertTrue(counted.getOrDefault(StackCounter.FORWARD_HOP_LIMIT, 0L) > 20, counted::toString);
        assertTrue(counted.getOrDefault(StackCounter.FORWARD_TOO_BIG, 0L) > 0, counted::toString);
        assertEquals(0, counted.get(StackCounter.IPV4_BAD_CHECKSUM));
    }

    /** What stacks count that are fed the examples of a target. */
    private Map<StackCounter, Long> counted(final FuzzTarget target, final Function<byte[], Counters<StackCounter>> run)
            throws IOException {
        target.writeExamples(folder);
        final Map<StackCounter, Long> sums = new EnumMap<>(StackCounter.class);
        final List<Path> examples;
        try (Stream<Path> files = Files.list(folder)) {
            examples = files.toList();
        }
        for (final Path example : examples) {
            final Counters<StackCounter> counters = run.apply(Files.readAllBytes(example));
            for (final StackCounter name : StackCounter.values()) {
                sums.merge(name, counters.get(name), Long::sum);
            }
        }
        return sums;
    }

    @Test
    void shouldReadFramesUpToTheEndOfTheInput() {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        Conversation.write(out, new byte[300], 3);
        Conversation.write(out, new byte[] {1, 2}, 31);
        out.writeBytes(new byte[] {9, 9, 0, 7});
        final Conversation conversation = new Conversation(out.toByteArray());
        assertTrue(conversation.next());
        assertEquals(300, conversation.length());
        assertEquals(8, conversation.stepMicros());
        assertTrue(conversation.next());
        assertEquals(2, conversation.length());
        assertEquals(1L << 24, conversation.stepMicros());
        assertTrue(conversation.next());
        assertEquals(1, conversation.length());
        assertTrue(!conversation.next());
    }

    private static String read(final Path log) {
        try {
            return Files.readString(log);
        } catch (final IOException e) {
            return e.toString();
        }
    }
}
