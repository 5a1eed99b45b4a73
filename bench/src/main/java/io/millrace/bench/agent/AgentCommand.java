package io.millrace.bench.agent;

import io.millrace.bench.options.HostOptions;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ClientHost;
import io.millrace.bench.serve.Termination;
import io.millrace.stack.StackConfig;
import io.millrace.stack.client.ClientConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs an agent until it is interrupted. */
@Command(
        name = "agent",
        description = "Make socket calls on our stack for programs in any language, over a Unix socket.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "One line that begins with \"ready\" says when requests are taken. Ctrl-C ends it in order.",
            "",
            "Each connection to the Unix socket carries one request line and gets one answer line, 'RET ERRNO"
                    + " [EXTRA]'.",
            "Calls, numbers and errors are those of Linux on x86-64; numbers are decimal, or hexadecimal with 0x. A"
                    + " call that blocks holds up its own connection only, and ends when its client leaves.",
            "  reset                           abort and close everything, and forget path",
            "                                  MTUs and cookies of Fast Open",
            "  socket DOMAIN TYPE PROTO        2 or 10 (IPv6); 1 stream, 2 datagram, 3 raw,",
            "                                  plus 0x800 for non-blocking; datagrams of",
            "                                  ICMP (1, 58) are pings",
            "  bind FD IP PORT",
            "  connect FD IP PORT              'unspec 0' disconnects",
            "  listen FD N",
            "  accept FD                       extra: IP PORT",
            "  recv FD N FLAGS                 what comes is counted and dropped",
            "  recvfrom FD N FLAGS             extra: IP PORT, or 'unspec 0'; with",
            "                                  MSG_ERRQUEUE, 0x2000, of what failed (UDP)",
            "  send FD N FLAGS                 sends N zero bytes; with MSG_OOB, 1, urgent",
            "                                  ones, which are received in line",
            "  sendto FD N FLAGS IP|none PORT",
            "  recvmsg FD N FLAGS              extra: IP PORT FLAGS, and LEVEL:TYPE:HEX of",
            "                                  each control message (times, TTL, TCP_INQ ...)",
            "                                  with MSG_ERRQUEUE of what failed, times of",
            "                                  sending (SO_TIMESTAMPING, 37), completions",
            "                                  (SO_ZEROCOPY, 60)",
            "  sendmsg FD N FLAGS IP|none PORT [LEVEL:TYPE:HEX ...]",
            "  getsockname FD, getpeername FD  extra: IP PORT",
            "  shutdown FD HOW",
            "  close FD",
            "  fcntl FD CMD ARG                3 and 4: F_GETFL, F_SETFL",
            "  ioctl FD REQ                    0x541B SIOCINQ, 0x5411 SIOCOUTQ, 0x8905",
            "                                  SIOCATMARK; extra: the value",
            "  setsockopt FD LEVEL OPT HEX|-   the value's bytes",
            "  getsockopt FD LEVEL OPT LEN [HEX]",
            "                                  extra: the value's bytes; TCP_INFO too. HEX is",
            "                                  what stood there before: TCP_AO_GET_KEYS asks",
            "  poll FD EVENTS TIMEOUT_MS       extra: revents",
            "TCP has customs=linux and pacing=no unless --tcp-settings says otherwise.",
            "IP of IPv6 may name an interface, as fe80::1%%mr0. Anything else is answered with '-1 38'.",
            "",
            "Example:",
            "  millrace agent --port tap:mr0 --address 10.0.0.2/24 \\",
            "    --control unix:/tmp/agent.sock &",
            "  echo socket 2 1 0 | socat - UNIX-CONNECT:/tmp/agent.sock"
        })
public final class AgentCommand implements Callable<Integer> {
    /** A call that moves much at once should do so in one piece. */
    private static final ClientConfig PLACES = new ClientConfig(64, 1 << 19);

    private static final int REFRESH_MILLIS = 500;

    @Option(
            names = "--control",
            required = true,
            paramLabel = "unix:PATH",
            description =
                    "The Unix socket that requests come over; made with access for our user only, removed at the end.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String control;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private HostOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public AgentCommand() {}

    @Override
    public Integer call() throws Exception {
        final Path path = ControlPath.parse(control);
        final ServePlan plan = options.plan();
        return Termination.during(spec, termination -> run(plan, path, termination));
    }

    private int run(ServePlan plan, Path path, Termination termination) throws IOException, InterruptedException {
        final StackConfig stack =
                plan.stack().withTcp(AgentTcp.config(plan.config().tcpSettings()));
        final PrintWriter out = spec.commandLine().getOut();
        final ServerSocketChannel listener = ControlPath.listen(path);
        try (listener;
                ClientHost host =
                        ClientHost.start(new ServePlan(plan.config(), plan.addresses(), stack, plan.keys()), PLACES)) {
            try (AgentListener _ = AgentListener.start(path, listener, new Agent(host.client(), stack.tcp()))) {
                out.println(host.readyLine() + " control=unix:" + path);
                out.flush();
                while (!termination.await(REFRESH_MILLIS) && host.failure() == null) {
                    // until a signal comes, or the shard fails
                }
            }
            if (host.failure() == null) {
                host.client().abortAll();
            }
            final int outstanding = host.stop();
            out.println("buffers outstanding: " + outstanding);
            final Throwable failure = host.failure();
            if (failure != null) {
                throw new IllegalStateException("the shard failed: " + failure, failure);
            }
            return outstanding == 0 ? 0 : 1;
        } finally {
            Files.deleteIfExists(path); // also if the device could not be opened
        }
    }
}
