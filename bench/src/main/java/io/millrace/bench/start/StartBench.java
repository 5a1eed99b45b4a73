package io.millrace.bench.start;

import io.millrace.bench.command.JvmCommand;
import io.millrace.bench.reference.TestpmdProcess;
import io.millrace.bench.reference.Turns;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts programs that forward between two ports of DPDK's pcap driver, which reads packets from a file again and again
 * and writes what it sends to another: the first packet is there when that file grows. Millrace and {@code
 * dpdk-testpmd} take turns.
 */
final class StartBench {
    private static final String AOT_CACHE = "-XX:AOTCache";
    private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
    private static final int STOP_SECONDS = 10;
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final int FRAME = 64;
    private static final int FRAMES = 64;

    private StartBench() {}

    /**
     * Measures.
     *
     * @param rounds how often each program is started, at least 1
     */
    public static StartResult run(final int rounds) throws IOException, InterruptedException {
        if (rounds < 1) {
            throw new IllegalArgumentException(rounds + " rounds; there must be something to measure");
        }
        final List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
        final List<String> withoutCache =
                flags.stream().filter(flag -> !flag.startsWith(AOT_CACHE)).toList();
        final boolean cached = withoutCache.size() < flags.size();
        final boolean reference = TestpmdProcess.isInstalled();
        final double[] ours = new double[rounds];
        final double[] plain = new double[rounds];
        final double[] theirs = new double[rounds];
        final Path folder = Files.createTempDirectory("millrace-start");
        try {
            writePackets(folder.resolve("in.pcap"));
            for (int round = 0; round < rounds; round++) {
                ours[round] = seconds(folder, millrace(folder, flags));
                plain[round] = cached ? seconds(folder, millrace(folder, withoutCache)) : 0;
                theirs[round] = reference ? seconds(folder, testpmd(folder)) : 0;
            }
        } finally {
            delete(folder);
        }
        return new StartResult(Turns.quantile(ours, 0.5), Turns.quantile(plain, 0.5), Turns.quantile(theirs, 0.5));
    }

    private static List<String> millrace(final Path folder, final List<String> flags) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags.stream()
                // That is about this process's own descriptors.
                .filter(flag -> !flag.startsWith("-Dmillrace.stderr"))
                .toList());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                JvmCommand.MAIN,
                "forward",
                "--mode=io",
                "--instance=start-" + ProcessHandle.current().pid(),
                "--port=" + port(folder, 0),
                "--port=" + port(folder, 1)));
        return command;
    }

    private static List<String> testpmd(final Path folder) {
        return List.of(
                TestpmdProcess.PROGRAM,
                "--no-pci",
                "--no-telemetry",
                "--no-huge",
                "--no-shconf",
                "-m",
                "256",
                "--file-prefix=start-" + ProcessHandle.current().pid(),
                "--lcores=0@0,1@" + (Runtime.getRuntime().availableProcessors() - 1),
                "--vdev=" + port(folder, 0),
                "--vdev=" + port(folder, 1),
                "--",
                "--auto-start",
                "--forward-mode=io",
                "--total-num-mbufs=8191",
                // Otherwise it waits for a key, and ends at the end of its input.
                "--stats-period=60");
    }

    private static String port(final Path folder, final int number) {
        return "net_pcap" + number + ",rx_pcap=" + folder.resolve("in.pcap") + ",tx_pcap=" + output(folder, number)
                + ",infinite_rx=1";
    }

    private static Path output(final Path folder, final int number) {
        return folder.resolve("out" + number + ".pcap");
    }

    /** From the start of a process to the first packet that it writes; it is stopped then. */
    private static double seconds(final Path folder, final List<String> command)
            throws IOException, InterruptedException {
        for (int number = 0; number < 2; number++) {
            Files.deleteIfExists(output(folder, number));
        }
        final Path said = folder.resolve("said");
        final long start = System.nanoTime();
        final Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            while (size(output(folder, 0)) <= FILE_HEADER && size(output(folder, 1)) <= FILE_HEADER) {
                if (process.waitFor(1, TimeUnit.MILLISECONDS) || System.nanoTime() - start > PATIENCE) {
                    throw new IOException(command.getFirst() + " forwarded nothing; it said: "
                            + Files.readString(said).strip());
                }
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            process.destroy();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static long size(final Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** A pcap file of some frames between two stations. */
    private static void writePackets(final Path file) throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocate(FILE_HEADER + FRAMES * (RECORD_HEADER + FRAME))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0xA1B2_C3D4)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(0xFFFF)
                .putInt(1);
        for (int i = 0; i < FRAMES; i++) {
            bytes.putInt(0).putInt(i).putInt(FRAME).putInt(FRAME);
            bytes.putInt(2).putShort((short) 1).putInt(2).putShort((short) 2).putShort((short) 0xB588);
            bytes.position(bytes.position() + FRAME - 14);
        }
        Files.write(file, bytes.array());
    }

    private static void delete(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
