package io.millrace.bench.veth;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.bench.reference.CompiledC;
import io.millrace.bench.reference.EalArguments;
import io.millrace.bench.reference.Turns;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.dpdk.DpdkPort;
import io.millrace.dataplane.port.dpdk.DpdkPortConfig;
import io.millrace.dataplane.port.tap.PacketPort;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.Eal;
import io.millrace.dpdk.EalException;
import io.millrace.dpdk.ThreadRegistration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Measures TCP between our stack, over a packet socket on one end of a veth pair, and Linux at the other end, in turns
 * with Linux at both ends of another pair between the same namespaces. Both clients run on one CPU, the server on
 * another, and no pair has any offloads. Runs in a network namespace of its own, where it leaves what it makes.
 */
final class VethBench {
    private static final String OURS = "mr0";
    private static final String OURS_FAR = "mr1";

    /** The device that is a packet socket without DPDK. */
    static final String SOCKET = "packet";

    private static final String LINUX = "lx0";
    private static final String LINUX_FAR = "lx1";
    private static final int PORT = 7000;
    private static final int BUFFERS = 16_384;
    private static final int LINK_HEADER = 22;
    private static final int LEAST_BUFFER = 2_048;
    private static final int WARM_UP_TURNS = 3;
    private static final int SIGNIFICANT_DIGITS = 3;

    /**
     * What was measured.
     *
     * @param push Gbit/s towards the server
     * @param pull Gbit/s from the server
     * @param millrace nanoseconds of our exchanges
     * @param linux nanoseconds of Linux's
     * @param account how busy our thread was in its last turns, and what went wrong
     */
    public record Result(Turns push, Turns pull, Histogram millrace, Histogram linux, String account) {}

    private final VethOptions options;
    private final Consumer<String> progress;

    private VethBench(final VethOptions options, final Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @param progress is told what goes on, one line each time
     * @throws IllegalArgumentException if there is one CPU only
     * @throws IOException if there is no compiler, or a program fails
     * @throws CommandException if the pairs cannot be made
     */
    public static Result run(final VethOptions options, final Consumer<String> progress)
            throws IOException, CommandException, InterruptedException {
        final BitSet cpus = CpuAffinity.current();
        if (cpus.cardinality() < 2) {
            throw new IllegalArgumentException("client and server need a CPU each; this process may use one");
        }
        final Path folder = Files.createTempDirectory("millrace-veth");
        try (Namespace far = Namespace.beside()) {
            final Path program = CompiledC.program(VethBench.class, "linux_peer", folder);
            pair(far, OURS, OURS_FAR, List.of(), List.of("192.0.2.1/24", "2001:db8::1/64"), options.mtu());
            pair(
                    far,
                    LINUX,
                    LINUX_FAR,
                    List.of("198.51.100.2/24", "2001:db8:1::2/64"),
                    List.of("198.51.100.1/24", "2001:db8:1::1/64"),
                    options.mtu());
            if (options.steering()) {
                steer(far::run, OURS_FAR, cpus.nextSetBit(0));
                steer(far::run, LINUX_FAR, cpus.nextSetBit(0));
                steer(Namespace::runHere, LINUX, cpus.length() - 1);
            }
            if (!options.segmenting()) {
                oneByOne(far::run, OURS_FAR);
                oneByOne(far::run, LINUX_FAR);
                oneByOne(Namespace::runHere, LINUX);
            }
            final VethBench bench = new VethBench(options, progress);
            final FutureTask<Result> task =
                    new FutureTask<>(() -> bench.measure(far, program, cpus.nextSetBit(0), cpus.length() - 1));
            new Thread(task, "veth-client").start();
            return task.get();
        } catch (final ExecutionException e) {
            switch (e.getCause()) {
                case final IOException problem -> throw problem;
                case final PortException problem -> throw problem;
                case final EalException problem -> throw problem;
                case null, default -> throw new IllegalStateException("the measurement failed: " + e.getCause(), e);
            }
        } finally {
            for (final String name : List.of("linux_peer.c", "linux_peer")) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.delete(folder);
        }
    }

    private static void pair(
            final Namespace far,
            final String near,
            final String farEnd,
            final List<String> nearAddresses,
            final List<String> farAddresses,
            final int mtu)
            throws CommandException {
        Namespace.runHere("ip", "link", "add", near, "type", "veth", "peer", "name", farEnd);
        Namespace.runHere("ip", "link", "set", farEnd, "netns", Long.toString(far.pid()));
        if (nearAddresses.isEmpty()) {
            Namespace.runHere("ip", "link", "set", near, "addrgenmode", "none"); // the kernel keeps silent there
        }
        VethPair.prepare(Namespace::runHere, near, mtu);
        VethPair.prepare(far::run, farEnd, mtu);
        VethPair.configure(Namespace::runHere, near, nearAddresses);
        VethPair.configure(far::run, farEnd, farAddresses);
    }

    /** Has the kernel handle what an interface receives on a CPU. Its settings are in a sysfs of its namespace. */
    private static void steer(final VethPair.Runner runner, final String device, final int cpu)
            throws CommandException {
        final String set = "mount -t sysfs none /sys && for q in /sys/class/net/" + device
                + "/queues/rx-*/rps_cpus; do echo " + Long.toHexString(1L << cpu) + " > $q; done";
        runner.run("unshare", "--mount", "sh", "-c", set);
    }

    /** Has Linux's TCP send each segment by itself: it segments in software whatever a device's offloads are. */
    private static void oneByOne(final VethPair.Runner runner, final String device) throws CommandException {
        runner.run("ip", "link", "set", "dev", device, "gso_max_segs", "1");
    }

    private Result measure(final Namespace far, final Path program, final int serverCpu, final int clientCpu)
            throws IOException {
        CpuAffinity.pin(clientCpu);
        final boolean v4 = options.family() == 4;
        final List<String> own = List.of("192.0.2.2/24", "2001:db8::2/64");
        final int buffer = Math.max(LEAST_BUFFER, options.mtu() + LINK_HEADER);
        try (Eal _ = Eal.start(EalArguments.of(EalArguments.filePrefix("millrace"), false));
                ThreadRegistration _ = ThreadRegistration.register();
                DpdkPool pool = DpdkPool.create("veth", BUFFERS, buffer);
                LinuxEnd _ = LinuxEnd.server(program, far, serverCpu, PORT);
                LinuxEnd linux = LinuxEnd.client(program, clientCpu, v4 ? "198.51.100.1" : "2001:db8:1::1", PORT);
                MillraceEnd millrace =
                        new MillraceEnd(port(pool), own, pool, v4 ? "192.0.2.1" : "[2001:db8::1]", PORT)) {
            return turns(millrace, linux);
        }
    }

    private Port port(final DpdkPool pool) {
        if (options.device().equals(SOCKET)) {
            return PacketPort.open(OURS, pool, true);
        }
        return DpdkPort.open(DpdkPortConfig.of(devargs(options.device())).withMtu(options.mtu()), pool);
    }

    /** Our device of DPDK, with these arguments beside its interface. */
    static String devargs(final String arguments) {
        return "net_af_packet0,iface=" + OURS + (arguments.isEmpty() ? "" : "," + arguments);
    }

    private Result turns(final MillraceEnd millrace, final End linux) throws IOException {
        final long nanos = options.turn().toNanos();
        final Histogram ours = new Histogram(SIGNIFICANT_DIGITS);
        final Histogram theirs = new Histogram(SIGNIFICANT_DIGITS);
        for (int i = 0; i < WARM_UP_TURNS; i++) {
            millrace.push(nanos);
            millrace.pull(nanos);
            millrace.ask(nanos, ours);
        }
        ours.reset();
        final double[][] push = new double[2][options.rounds()];
        final double[][] pull = new double[2][options.rounds()];
        for (int round = 0; round < options.rounds(); round++) {
            push[0][round] = millrace.push(nanos);
            push[1][round] = linux.push(nanos);
            pull[0][round] = millrace.pull(nanos);
            pull[1][round] = linux.pull(nanos);
            millrace.ask(nanos, ours);
            linux.ask(nanos, theirs);
            progress.accept("round " + (round + 1) + " of " + options.rounds());
        }
        return new Result(Turns.of(push[0], push[1]), Turns.of(pull[0], pull[1]), ours, theirs, millrace.account());
    }
}
