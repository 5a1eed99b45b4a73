package io.millrace.bench.demo;

import io.millrace.bench.command.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What the demo does with the server, in order, each step shown while it runs and with its result when it is done. */
final class DemoScenario {
    private static final int PINGS = 50;
    private static final int DATAGRAMS = 2_000;
    private static final int CONNECTIONS = 4_000;
    private static final int WARM_UP = 1_000;
    private static final double MIB = 1 << 20;

    /**
     * Where everything is.
     *
     * @param addresses of the server, IPv4 first
     * @param echoPort of TCP and UDP echo
     * @param httpPort of HTTP
     * @param path of the file to fetch
     * @param size of that file in bytes
     * @param sha256 of that file in hexadecimal
     */
    record Target(List<String> addresses, int echoPort, int httpPort, String path, long size, String sha256) {}

    private final DemoPeer peer;
    private final Target target;
    private final Progress progress;
    private int failures;

    DemoScenario(DemoPeer peer, Target target, Progress progress) {
        this.peer = peer;
        this.target = target;
        this.progress = progress;
    }

    /**
     * Runs all steps.
     *
     * @return the latencies of the short connections
     */
    Histogram run() throws IOException, InterruptedException {
        for (final String address : target.addresses()) {
            progress.step("ping " + address);
            answers("ping", address, peer.ping(address, PINGS), PINGS, "answered");
        }
        for (final String address : target.addresses()) {
            progress.step("UDP echo from " + address);
            answers("UDP echo", address, peer.udpEcho(address, target.echoPort(), DATAGRAMS), DATAGRAMS, "came back");
        }
        for (final String address : target.addresses()) {
            download(address);
        }
        return connections();
    }

    /** How many steps did not go as they should. */
    int failures() {
        return failures;
    }

    private void answers(String what, String address, Histogram histogram, int wanted, String verb) {
        final boolean all = histogram.getTotalCount() == wanted;
        result(
                all,
                what,
                address,
                String.format(
                        Locale.ROOT,
                        "%,d of %,d %s%s",
                        histogram.getTotalCount(),
                        wanted,
                        verb,
                        histogram.getTotalCount() == 0
                                ? ""
                                : ", median " + HistogramText.micros(histogram.getValueAtPercentile(50))));
    }

    private void download(String address) throws IOException, InterruptedException {
        progress.step("HTTP download from " + address);
        final DemoPeer.Download download = peer.download(
                address,
                target.httpPort(),
                target.path(),
                bytes -> progress.at(String.format(Locale.ROOT, "%.0f of %.0f MiB", bytes / MIB, target.size() / MIB)));
        final boolean equal =
                download.bytes() == target.size() && download.sha256().equals(target.sha256());
        result(
                equal,
                "download",
                address,
                String.format(
                        Locale.ROOT,
                        "%.0f MiB at %.2f Gbit/s, SHA-256 %s",
                        download.bytes() / MIB,
                        download.gigabits(),
                        equal ? "equal" : "DIFFERS: " + download.sha256()));
    }

    private Histogram connections() throws IOException, InterruptedException {
        final String address = target.addresses().getFirst();
        progress.step("short connections to " + address);
        peer.connections(address, target.echoPort(), WARM_UP, done -> progress.at("warming up"));
        final DemoPeer.Connections connections = peer.connections(
                address,
                target.echoPort(),
                CONNECTIONS,
                done -> progress.at(String.format(Locale.ROOT, "%,d of %,d", done, CONNECTIONS)));
        result(
                connections.failed() == 0,
                "connections",
                address,
                String.format(
                        Locale.ROOT,
                        "%,d in %.1f s (%,.0f a second, %d at a time), %,d failed",
                        connections.latency().getTotalCount(),
                        connections.nanos() / 1e9,
                        connections.rate(),
                        connections.atOnce(),
                        connections.failed()));
        return connections.latency();
    }

    private void result(boolean good, String what, String address, String text) {
        if (!good) {
            failures++;
        }
        progress.done(String.format(Locale.ROOT, "  %-4s %-12s %-12s %s", good ? "ok" : "BAD", what, address, text));
    }
}
