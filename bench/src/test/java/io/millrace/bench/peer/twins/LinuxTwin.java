package io.millrace.bench.peer.twins;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.peer.calls.LinuxCalls;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Linux's TCP in a namespace, behind an interface whose wire is the test's. */
final class LinuxTwin extends Twin {
    private static final String DEVICE = "twin0";

    /** What goes by a clock, what is learnt from one connection for the next, and what grows by itself. */
    private static final List<String> SETTINGS = List.of(
            "tcp_comp_sack_nr=0",
            "tcp_autocorking=0",
            "tcp_early_retrans=0",
            "tcp_invalid_ratelimit=0",
            "tcp_challenge_ack_limit=2147483647",
            "tcp_congestion_control=reno",
            "tcp_no_metrics_save=1",
            "tcp_moderate_rcvbuf=0",
            "tcp_rmem=4096 32768 32768");

    private final LinuxCalls calls;
    private @Nullable Boolean cookies;
    private int patience;

    LinuxTwin(Path folder) throws IOException, CommandException {
        calls = new LinuxCalls(folder);
        calls.ask("tun " + DEVICE);
        calls.run("ip", "link", "set", DEVICE, "up");
        calls.run("ip", "address", "add", "10.9.0.1/24", "dev", DEVICE);
        calls.run("ip", "address", "add", "2001:db8:9::1/64", "dev", DEVICE, "nodad");
        for (final String setting : SETTINGS) {
            calls.run("sysctl", "-qw", "net.ipv4." + setting);
        }
        // Nothing is sent again while a case lasts.
        calls.run("ip", "route", "replace", "10.9.0.0/24", "dev", DEVICE, "rto_min", "60s");
        calls.run("ip", "route", "replace", "2001:db8:9::/64", "dev", DEVICE, "rto_min", "60s");
    }

    @Override
    void begin(TwinCase which, int number) throws IOException {
        super.begin(which, number);
        if (cookies == null || cookies != which.cookies()) {
            cookies = which.cookies();
            try {
                calls.run("sysctl", "-qw", "net.ipv4.tcp_syncookies=" + (which.cookies() ? 2 : 1));
            } catch (CommandException e) {
                throw new IOException(e);
            }
        }
    }

    @Override
    String ask(String request) throws IOException {
        return calls.ask(request);
    }

    /** How long it gets after each step before it is looked at, milliseconds: its kernel may be late. */
    void patience(int millis) {
        patience = millis;
    }

    @Override
    void await() throws IOException {
        if (patience > 0) {
            try {
                Thread.sleep(patience);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException();
            }
        }
    }

    @Override
    String[] ask(List<String> requests) throws IOException {
        return calls.ask(String.join(" ; ", requests)).split(" ; ", -1);
    }

    @Override
    public void close() {
        calls.close();
    }
}
