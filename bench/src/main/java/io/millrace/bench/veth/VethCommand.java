package io.millrace.bench.veth;

import io.millrace.bench.command.NamespacedCommand;
import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.config.device.PortSpec;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import io.millrace.dataplane.port.PortException;
import io.millrace.dpdk.EalException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** TCP against Linux over a veth pair, beside Linux against itself. */
@Command(
        name = "veth",
        description = "Send TCP in bulk to Linux and from it, and exchange requests with it, over a veth pair and"
                + " net_af_packet; in turns with Linux against itself over a pair of the same kind.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The client, ours or Linux's, has one CPU and the server, always Linux's, another. Both pairs lie between"
                    + " the same two network namespaces, which this makes and takes away, and have all offloads off. Rates"
                    + " are payload in a second of the clock. Latencies are of 64 bytes there and back. Each rate is the"
                    + " median of the turns after a warm-up; the ratio is the median of the turns' ratios, with its"
                    + " quartiles, above 1 where Millrace is faster. Needs root or user namespaces, and: apt-get install"
                    + " gcc iproute2 ethtool"
        })
public final class VethCommand implements Callable<Integer> {
    private static final double MICROS = 1e3;
    /** What net_af_packet's max_rx_pktlen leaves for IP, whatever its framesz. */
    private static final int DRIVER_MTU = 1500;

    private static final double[] PERCENTILES = {50, 99, 99.9, 100};

    @Option(
            names = "--mtu",
            paramLabel = "BYTES",
            defaultValue = "1500",
            description =
                    "Largest IP packets, 1280 to 1500, or with --device packet to 9000 (default: ${DEFAULT-VALUE}).")
    private int mtu;

    @Option(
            names = "--family",
            paramLabel = "4|6",
            defaultValue = "4",
            description = "Version of IP (default: ${DEFAULT-VALUE}).")
    private int family;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "7",
            description = "How often each side has its turn (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "0.5",
            description = "Length of each turn (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--device",
            paramLabel = "ARGS",
            defaultValue = "",
            description = "Arguments of our net_af_packet device beside its interface, such as framecnt=1024 (default:"
                    + " none); or packet for a packet socket of our own in its place, which leaves the cutting of"
                    + " segments to the kernel, as Linux's own TCP does.")
    private String device = "";

    @Option(
            names = "--steer",
            description =
                    "Have the kernel receive, at each end that is Linux's, on the CPU of that end's program, as behind"
                            + " a network card, by receive packet steering; else it does so within the sender's system"
                            + " call.")
    private boolean steering;

    @Option(
            names = "--one-by-one",
            description = "Have Linux's TCP hand its segments over one by one (gso_max_segs 1), as ours does to"
                    + " net_af_packet; else it hands over up to 44 at once, to be cut in front of the device, even where"
                    + " generic segmentation offload is off.")
    private boolean oneByOne;

    @Option(names = "--inside", hidden = true, description = "This process is in the namespace already.")
    private boolean inside;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        check("--mtu", mtu >= 1280 && mtu <= 9000, "a number from 1280 to 9000");
        check(
                "--mtu",
                mtu <= DRIVER_MTU || device.equals(VethBench.SOCKET),
                "at most " + DRIVER_MTU + ", or add --device packet: net_af_packet takes no longer frames");
        check("--family", family == 4 || family == 6, "4 or 6");
        check("--rounds", rounds >= 1 && rounds <= 1000, "a number from 1 to 1000");
        check("--seconds", seconds >= 0.01 && seconds <= 60, "a number from 0.01 to 60");
        checkDevice();
        try {
            if (inside) {
                endWithParent();
                print(VethBench.run(
                        new VethOptions(
                                mtu,
                                family,
                                rounds,
                                Duration.ofMillis(Math.round(1_000 * seconds)),
                                steering,
                                !oneByOne,
                                device),
                        this::progress));
                return 0;
            }
            Namespace.create().close();
            return NamespacedCommand.run(List.of(
                    "bench",
                    "veth",
                    "--inside",
                    "--steer=" + steering,
                    "--one-by-one=" + oneByOne,
                    "--mtu=" + mtu,
                    "--family=" + family,
                    "--rounds=" + rounds,
                    "--seconds=" + seconds,
                    "--device=" + device));
        } catch (final CommandException e) {
            throw new UserErrorException("network namespaces and veth pairs are needed: " + e.getMessage(), e);
        } catch (final PortException | EalException | IllegalArgumentException | IOException e) {
            throw new UserErrorException("cannot run the benchmark: " + e.getMessage(), e);
        }
    }

    private void progress(final String line) {
        final PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private static void endWithParent() {
        Thread.ofPlatform().daemon().name("veth-parent").start(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (final IOException e) {
                System.getLogger(VethCommand.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
            }
            Runtime.getRuntime().halt(1);
        });
    }

    private void print(final VethBench.Result result) {
        final PrintWriter out = spec.commandLine().getOut();
        out.printf("IPv%d, MTU %d%n", family, mtu);
        out.println("bulk to Linux      " + result.push().text("Gbit/s", "Linux"));
        out.println("bulk from Linux    " + result.pull().text("Gbit/s", "Linux"));
        out.println("  " + result.account());
        out.println("64 bytes and back, us       p50       p99     p99.9       max  exchanges");
        row(out, "millrace", result.millrace());
        row(out, "Linux", result.linux());
        out.flush();
    }

    private static void row(final PrintWriter out, final String name, final Histogram histogram) {
        out.printf("  %-19s", name);
        for (final double percentile : PERCENTILES) {
            out.printf(Locale.ROOT, " %9.1f", histogram.getValueAtPercentile(percentile) / MICROS);
        }
        out.printf(Locale.ROOT, " %,10d%n", histogram.getTotalCount());
    }

    /** Refuses what no device can be opened with, before namespaces are made. */
    private void checkDevice() {
        if (!device.isEmpty() && !device.equals(VethBench.SOCKET)) {
            final Problems problems = new Problems();
            PortSpec.parse(new Located<>(VethBench.devargs(device), Place.flag("--device")), problems);
            problems.throwIfAny();
        }
    }

    private static void check(final String option, final boolean right, final String range) {
        if (!right) {
            throw new UserErrorException(option + " is out of range; write " + range);
        }
    }
}
