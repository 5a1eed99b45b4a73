package io.millrace.bench.nc;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.options.HostOptions;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ClientHost;
import io.millrace.bench.serve.Termination;
import io.millrace.stack.client.ClientConfig;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.AddressSyntaxException;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Connects standard input and output with a peer. */
@Command(
        name = "nc",
        description = "Connect or listen on our stack, and pipe standard input and output, like OpenBSD's netcat.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it connected, or somebody came, and the conversation ended in order or went quiet (-w);"
                    + " or with -l and -w, nobody came",
            "1:it did not connect, or the connection broke",
            "2:the command line, or the device, needs mending",
            "143:a signal ended it"
        },
        footer = {
            "",
            "Having connected, it ends when the peer has closed its side and standard input has ended; -N tells the"
                    + " peer of the latter. Having listened, it ends when the peer has closed its side, but with -N not"
                    + " before standard input has ended, so that files can go both ways.",
            "",
            "Connecting ends as soon as it is known that nobody has the address or no way leads there; with"
                    + " --tcp-settings customs=standard it goes on, in case that changes.",
            "",
            "With -F, a server that is met for the first time is only asked for its cookie, and this program forgets"
                    + " cookies when it ends. In networks where nobody forges addresses neither side needs any:"
                    + " --tcp-settings fast-open-no-cookie=both. A server that speaks first must not be called so:"
                    + " our SYN waits for standard input.",
            "",
            "Example, with Linux as the peer on the other side of a veth pair (see millrace serve --help):",
            "  millrace nc --port net_af_packet0,iface=mr0 --address 10.0.0.2/24 \\",
            "    -l 4000 > file",
            "  nc -N 10.0.0.2 4000 < file        # on Linux"
        })
public final class NcCommand implements Callable<Integer> {
    /** How long a conversation that is cancelled may take to end: its output may hang for ever. */
    private static final long CANCEL_MILLIS = 500;

    private static final long DRAIN_NANOS = 3_000_000_000L;
    private static final int SIGNALLED = 143;
    private static final BigDecimal MOST_SECONDS = BigDecimal.valueOf(1_000_000);

    @Parameters(
            paramLabel = "[HOST] PORT",
            hideParamSyntax = true,
            arity = "0..2",
            description = "IPv4 or IPv6 address and port to connect to; with -l, the port to listen on, and"
                    + " which address of ours to listen at, if not all of them.")
    private List<String> place = new ArrayList<>();

    @Option(names = "-l", description = "Listen, for one connection.")
    private boolean listen;

    @Option(names = "-k", description = "With -l: after a connection, wait for another.")
    private boolean keep;

    @Option(names = "-u", description = "UDP; with -l, the first to send a datagram is the peer.")
    private boolean udp;

    @Option(names = "-4", description = "IPv4 only.")
    private boolean four;

    @Option(names = "-6", description = "IPv6 only.")
    private boolean six;

    @Option(names = "-s", paramLabel = "ADDR", description = "The address of ours to connect from.")
    private @Nullable String source;

    @Option(names = "-p", paramLabel = "PORT", description = "The port to connect from, or with -l to listen on.")
    private @Nullable String sourcePort;

    @Option(
            names = "-w",
            paramLabel = "SECONDS",
            description = "Give up connecting, and end when nothing happens, after this long.")
    private @Nullable BigDecimal patience;

    @Option(names = "-q", paramLabel = "SECONDS", description = "End this long after the end of standard input.")
    private @Nullable BigDecimal quitAfter;

    @Option(names = "-N", description = "Close our side at the end of standard input.")
    private boolean shutdown;

    @Option(names = "-d", description = "Do not read standard input.")
    private boolean detached;

    @Option(
            names = {"-F", "--fast-open"},
            description = "Fast Open (RFC 7413): the SYN takes along what standard input begins with; with -l, the data"
                    + " of SYNs is taken.")
    private boolean fastOpen;

    @Option(
            names = "--md5",
            paramLabel = "FILE",
            description = "Sign every segment, and hear only a peer that does (MD5 signatures, RFC 2385; TCP_MD5SIG"
                    + " on Linux). FILE holds the secret, 1 to 80 bytes.")
    private @Nullable Path md5;

    @Option(
            names = "--ao",
            paramLabel = "FILE",
            description = "The same by the authentication option (TCP-AO, RFC 5925). FILE holds the secret, 1 to 80"
                    + " bytes.")
    private @Nullable Path ao;

    @Option(
            names = "--ao-ids",
            paramLabel = "SEND:RECEIVE",
            description = "With --ao: KeyIDs of what we send and of what we receive, 0 to 255; 1:1 unless given.")
    private @Nullable String aoIds;

    @Option(names = "--ao-cmac", description = "With --ao: AES-128-CMAC-96 instead of HMAC-SHA-1-96 (RFC 5926).")
    private boolean aoCmac;

    @Option(
            names = "--udp-encaps",
            paramLabel = "PORT",
            description =
                    "TCP within UDP, as FreeBSD has it: to that UDP port of the peer's, or with -l to that of ours."
                            + " Connecting, ours is the same unless --tcp-settings udp-encapsulation-port=PORT says"
                            + " otherwise.")
    private @Nullable String udpEncaps;

    @Option(names = "-z", description = "Connect only, and send nothing.")
    private boolean scan;

    @Option(names = "-v", description = "Tell of connections, on standard error.")
    private boolean verbose;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private HostOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public NcCommand() {}

    @Option(names = "-n", description = "Look up no names. They never are: hosts are named by address.")
    void numeric(boolean ignored) {
        // taken for those who are used to it
    }

    @Override
    public Integer call() throws Exception {
        final NcSettings settings = settings();
        final ServePlan plan = tuned(options.plan());
        return Termination.during(spec, termination -> run(plan, settings, termination));
    }

    private int run(ServePlan plan, NcSettings settings, Termination termination)
            throws IOException, InterruptedException {
        try (ClientHost host = ClientHost.start(plan, ClientConfig.defaults());
                FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            final NcSession session = new NcSession(
                    host.client(), settings, System.in, out, spec.commandLine().getErr());
            int code = session.runUntil(termination::await, CANCEL_MILLIS);
            if (termination.isRequested()) {
                code = SIGNALLED;
                host.client().abortAll();
            }
            host.drain(DRAIN_NANOS, termination::isRequested);
            host.stop();
            return code;
        }
    }

    /** The plan with our TCP, which has a UDP port of ours if one is needed and the plan names none. */
    private ServePlan tuned(ServePlan plan) {
        TcpConfig tcp = NcTcp.config(plan.config().tcpSettings());
        if (udpEncaps != null && (listen || !tcp.udpEncapsulation().isEnabled())) {
            final int port = port(udpEncaps, "--udp-encaps");
            tcp = tcp.withUdpEncapsulation(
                    new UdpEncapsulation(port, tcp.udpEncapsulation().overhead()));
        }
        return new ServePlan(plan.config(), plan.addresses(), plan.stack().withTcp(tcp), plan.keys());
    }

    /** What the flags say, checked. */
    NcSettings settings() {
        check(!(four && six), "-4 and -6 exclude each other; give one of them");
        check(!keep || listen, "-k: only a listener can go on; add -l");
        check(!keep || !udp, "-k: a UDP socket has one peer here; leave out -k or -u");
        check(!scan || !(listen || udp), "-z: only a TCP connection tells by itself; leave out -l and -u");
        check(
                !fastOpen || !(udp || scan || (detached && !listen)),
                "-F: a SYN would have nothing to take along;" + " leave out -u, -z and -d");
        check((md5 == null && ao == null) || !udp, "--md5, --ao: only TCP has signatures; leave out -u");
        check(md5 == null || ao == null, "--md5 and --ao exclude each other; give one of them");
        check(udpEncaps == null || !udp, "--udp-encaps: it is TCP that is within UDP; leave out -u");
        check(!aoCmac || ao != null, "--ao-cmac: there is no key; add --ao FILE");
        check(aoIds == null || ao != null, "--ao-ids: there is no key; add --ao FILE");
        final List<String> words = new ArrayList<>(place);
        if (listen && sourcePort != null && words.isEmpty()) {
            words.add(sourcePort);
        } else if (listen) {
            check(sourcePort == null, "-p: with -l, the port is the last word or -p, not both");
        }
        check(
                !words.isEmpty() && (listen || words.size() == 2),
                listen ? "name the port to listen on" : "name a host and a port");
        final int port = port(words.getLast(), "the port");
        final IpAddress address = words.size() == 2 ? address(words.getFirst()) : null;
        return new NcSettings(
                listen,
                udp,
                keep,
                scan,
                !detached && !scan,
                shutdown,
                verbose,
                fastOpen,
                udpEncaps == null ? 0 : port(udpEncaps, "--udp-encaps"),
                keys(),
                duration("-w", patience),
                duration("-q", quitAfter),
                listen ? places(address, port) : origin(address),
                listen || address == null ? null : new Endpoint<>(address, port));
    }

    private @Nullable NcKeys keys() {
        if (ao != null) {
            return NcKeys.ao(
                    ao,
                    aoCmac ? AoAlgorithm.AES_128_CMAC_96 : AoAlgorithm.HMAC_SHA_1_96,
                    aoIds == null ? "1:1" : aoIds);
        }
        return md5 == null ? null : NcKeys.md5(md5);
    }

    private List<Endpoint<IpAddress>> places(@Nullable IpAddress address, int port) {
        check(source == null, "-s: with -l, write the address before the port");
        if (address != null) {
            return List.of(new Endpoint<>(address, port));
        }
        final List<Endpoint<IpAddress>> places = new ArrayList<>();
        if (!six) {
            places.add(new Endpoint<>(Ipv4Address.UNSPECIFIED, port));
        }
        if (!four && (six || !udp)) {
            places.add(new Endpoint<>(Ipv6Address.UNSPECIFIED, port));
        }
        return places;
    }

    private List<Endpoint<IpAddress>> origin(@Nullable IpAddress remote) {
        if (remote == null || (source == null && sourcePort == null)) {
            return List.of();
        }
        final IpAddress any = remote.family() == IpFamily.V4 ? Ipv4Address.UNSPECIFIED : Ipv6Address.UNSPECIFIED;
        final IpAddress from = source == null ? any : address(source);
        check(from.family() == remote.family(), "-s: " + from + " and " + remote + " are of different families");
        return List.of(new Endpoint<>(from, sourcePort == null ? 0 : port(sourcePort, "-p")));
    }

    private IpAddress address(String text) {
        final IpAddress address;
        try {
            address = IpAddress.parse(text);
        } catch (AddressSyntaxException e) {
            throw new UserErrorException(e.getMessage() + "; write an IPv4 or IPv6 address", e);
        }
        check(
                !(four && address.family() == IpFamily.V6) && !(six && address.family() == IpFamily.V4),
                text + " is not of the family that " + (four ? "-4" : "-6") + " asks for");
        return address;
    }

    private static int port(String text, String what) {
        try {
            final int port = Integer.parseInt(text);
            check(port >= 1 && port <= Endpoint.MAX_PORT, what + " is " + text + "; it is 1 to " + Endpoint.MAX_PORT);
            return port;
        } catch (NumberFormatException e) {
            throw new UserErrorException(what + " '" + text + "' is no number; write 1 to " + Endpoint.MAX_PORT, e);
        }
    }

    private static @Nullable Duration duration(String flag, @Nullable BigDecimal seconds) {
        if (seconds == null) {
            return null;
        }
        check(
                seconds.signum() >= 0 && seconds.compareTo(MOST_SECONDS) <= 0,
                flag + ": " + seconds + " is out of range; write seconds from 0 to " + MOST_SECONDS);
        // 0 is a moment: nothing at all would never connect.
        return Duration.ofNanos(Math.max(1, seconds.movePointRight(9).longValue()));
    }

    private static void check(boolean good, String problem) {
        if (!good) {
            throw new UserErrorException(problem);
        }
    }
}
