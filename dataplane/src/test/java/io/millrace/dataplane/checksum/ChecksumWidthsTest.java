package io.millrace.dataplane.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.testkit.Await;
import io.millrace.testkit.Frames;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums with vectors of each width, in a JVM of its own since the width is chosen once. */
final class ChecksumWidthsTest {
    private static final int LONGEST = 9100;

    @ParameterizedTest
    @Timeout(300)
    @CsvSource({"128", "256", "512", "scalar", "none"})
    void shouldAgreeWithTheDefinitionWhateverTheWidth(final String width) throws Exception {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path")));
        switch (width) {
            case "none" -> {}
            case "scalar" ->
                command.addAll(List.of("--add-modules=jdk.incubator.vector", "-Dio.millrace.checksum=scalar"));
            default ->
                command.addAll(List.of("--add-modules=jdk.incubator.vector", "-Dio.millrace.checksum.bits=" + width));
        }
        command.add(ChecksumWidthsTest.class.getName());
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(Await.SECONDS, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
        final String expected = width.length() == 3 ? "vector-" + width : "scalar";
        assertTrue(output.contains("checked " + expected), output);
    }

    /** Compares every length up to 600 at every alignment, and longer ones at random. */
    public static void main(final String[] args) {
        final SplittableRandom random = new SplittableRandom(8);
        final byte[] bytes = new byte[LONGEST + 1024];
        random.nextBytes(bytes);
        final MemorySegment memory = Frames.ofBytes(bytes);
        for (int length = 0; length <= 600; length++) {
            for (int offset = 0; offset < 64; offset++) {
                check(memory, offset, length);
            }
            // With nothing behind the data, and with a few bytes.
            check(memory.asSlice(3, length), 0, length);
            check(memory.asSlice(3, length + random.nextLong(200)), 0, length);
        }
        for (int i = 0; i < 2000; i++) {
            check(memory, random.nextInt(512), random.nextInt(LONGEST));
        }
        memory.fill((byte) 0xFF);
        for (int length = 0; length <= LONGEST; length += 13) {
            check(memory, length & 63, length);
        }
        checkCopies(random, Frames.ofBytes(bytes));
        System.out.println("checked " + InternetChecksum.implementation());
    }

    private static void check(final MemorySegment memory, final long offset, final int length) {
        int expected = 0;
        for (int i = 0; i < length; i++) {
            expected += Net.u8(memory, offset + i) << ((i & 1) == 0 ? 8 : 0);
            expected = (expected & 0xFFFF) + (expected >>> 16);
        }
        final int actual = InternetChecksum.fold(InternetChecksum.partial(memory, offset, length));
        if (actual != expected) {
            throw new AssertionError(
                    "%04x instead of %04x at %d, length %d".formatted(actual, expected, offset, length));
        }
    }

    /** Copies every length up to 600 from and to odd and even addresses, and looks at what lies around. */
    private static void checkCopies(final SplittableRandom random, final MemorySegment from) {
        final MemorySegment to = Frames.ofBytes(new byte[LONGEST + 1024]);
        for (int i = 0; i < 4000; i++) {
            final int length = i < 2400 ? i / 4 : random.nextInt(LONGEST);
            final int fromOffset = i < 2400 ? i % 2 : random.nextInt(512);
            final int toOffset = i < 2400 ? 1 + i / 2 % 2 : 1 + random.nextInt(512);
            to.fill((byte) 0x55);
            final long sum = InternetChecksum.copy(from, fromOffset, to, toOffset, length);
            final long expected = InternetChecksum.partial(from, fromOffset, length);
            if (InternetChecksum.fold(sum) != InternetChecksum.fold(expected)
                    || MemorySegment.mismatch(from, fromOffset, fromOffset + length, to, toOffset, toOffset + length)
                            >= 0
                    || Net.u8(to, toOffset - 1) != 0x55
                    || Net.u8(to, toOffset + length) != 0x55) {
                throw new AssertionError("copy from %d to %d, length %d".formatted(fromOffset, toOffset, length));
            }
        }
    }
}
