package io.millrace.bench.agent;

import io.millrace.bench.socketapi.Content;
import io.millrace.bench.socketapi.ControlMessage;
import io.millrace.bench.socketapi.Descriptor;
import io.millrace.bench.socketapi.Descriptors;
import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Failures;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.OpenFile;
import io.millrace.bench.socketapi.TcpDescriptor;
import io.millrace.stack.Stack;
import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves requests, each a line with the name of a call and its arguments, as they are on Linux x86-64. Every call has
 * its own thread, which waits as long as the call does; calls on other sockets, and others on the same one, go on.
 *
 * <pre>
 * reset                                    abort and close everything, forget path MTUs and Fast Open's cookies
 * socket DOMAIN TYPE PROTO                 ret: the descriptor
 * bind FD IP PORT
 * connect FD IP PORT                       unspec 0 disconnects
 * listen FD N
 * accept FD                                ret: the descriptor; extra: IP PORT
 * recv FD N FLAGS                          ret: bytes, which are dropped
 * recvfrom FD N FLAGS                      the same; extra: IP PORT
 * send FD N FLAGS                          sends N zero bytes; ret: bytes
 * sendto FD N FLAGS IP|none PORT
 * recvmsg FD N FLAGS                       extra: IP PORT FLAGS and, each a word, the control messages LEVEL:TYPE:HEX
 * sendmsg FD N FLAGS IP|none PORT [LEVEL:TYPE:HEX ...]
 * getsockname FD                           extra: IP PORT
 * getpeername FD                           extra: IP PORT
 * shutdown FD HOW
 * close FD
 * fcntl FD CMD ARG
 * ioctl FD REQ                             extra: the value
 * setsockopt FD LEVEL OPT HEX|-
 * getsockopt FD LEVEL OPT LEN [HEX]        extra: hex; HEX is what stood there before, for TCP_AO_GET_KEYS
 * poll FD EVENTS TIMEOUT_MS                extra: revents
 * </pre>
 *
 * <p>Numbers are decimal, or hexadecimal with 0x. A name that is none of these fails with ENOSYS, wrong arguments with
 * EINVAL.
 */
final class Agent {
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** What a request asks for. */
    @FunctionalInterface
    private interface Call {
        Answer serve(Words words) throws ErrnoException, IOException;
    }

    private final Map<String, Call> calls = Map.ofEntries(
            Map.entry("reset", this::reset),
            Map.entry("socket", this::socket),
            Map.entry("accept", this::accept),
            Map.entry("close", this::close),
            Map.entry("bind", words -> address("bind", words)),
            Map.entry("connect", words -> address("connect", words)),
            Map.entry("listen", this::listen),
            Map.entry("recv", words -> receive(words, false)),
            Map.entry("recvfrom", words -> receive(words, true)),
            Map.entry("send", words -> send(words, false)),
            Map.entry("sendto", words -> send(words, true)),
            Map.entry("getsockname", words -> name(words, false)),
            Map.entry("getpeername", words -> name(words, true)),
            Map.entry("recvmsg", this::receiveMessage),
            Map.entry("sendmsg", this::sendMessage),
            Map.entry("shutdown", this::shutdown),
            Map.entry("fcntl", this::fcntl),
            Map.entry("ioctl", this::ioctl),
            Map.entry("setsockopt", this::setOption),
            Map.entry("getsockopt", this::getOption),
            Map.entry("poll", this::poll));

    private final StackClient client;
    private final TcpConfig defaults;
    private final Descriptors descriptors = new Descriptors();

    /**
     * Makes an agent without sockets.
     *
     * @param defaults what TCP is configured to be, for options that nobody set
     */
    Agent(StackClient client, TcpConfig defaults) {
        this.client = client;
        this.defaults = defaults;
    }

    /** Serves one request. Returns when the call does, however long that takes. */
    Answer serve(String line) {
        final Words words = new Words(line);
        try {
            return Failures.translated(() -> words.isEmpty() ? Answer.failed(Linux.ENOSYS) : call(words.word(), words));
        } catch (ErrnoException e) {
            return Answer.failed(e.errno());
        }
    }

    /** Answers a request that is too long for any call, and may be cut short. */
    Answer refuse(String line) {
        final String[] words = line.strip().split("\\s", 2);
        return Answer.failed(calls.containsKey(words[0]) ? Linux.EINVAL : Linux.ENOSYS);
    }

    private Answer call(String name, Words words) throws ErrnoException, IOException {
        final Call call = calls.get(name);
        return call == null ? Answer.failed(Linux.ENOSYS) : call.serve(words);
    }

    private Answer reset(Words words) throws ErrnoException, IOException {
        words.end();
        final List<OpenFile> all = descriptors.clear();
        client.abortAll();
        all.forEach(OpenFile::close); // what another call is just about to open, too
        client.call(Agent::forgetPaths);
        return Answer.of(0);
    }

    /** Who asks for a fresh start is not to be told of routers that an earlier program met. */
    private static @Nullable Void forgetPaths(Stack stack) {
        stack.forgetPaths();
        return null;
    }

    private Answer socket(Words words) throws ErrnoException, IOException {
        final int resets = descriptors.clears();
        final int domain = words.number();
        final int typeAndFlags = words.number();
        final int protocol = words.number();
        words.end();
        return Answer.of(add(Descriptor.open(client, domain, typeAndFlags, protocol, defaults, Content.NONE), resets));
    }

    /** Gives a socket its number, unless there was a reset since the call began. */
    private int add(Descriptor descriptor, int resets) throws ErrnoException {
        try {
            return descriptors.add(descriptor, resets);
        } catch (ErrnoException e) {
            descriptor.close();
            throw e;
        }
    }

    private Answer accept(Words words) throws ErrnoException, IOException {
        final int resets = descriptors.clears();
        final Descriptor listener = next(words);
        words.end();
        final TcpDescriptor accepted = listener.accept();
        final Endpoint<IpAddress> peer = accepted.remote();
        return Answer.of(add(accepted, resets), Addresses.text(listener.domain(), peer));
    }

    private Answer close(Words words) throws ErrnoException {
        final int number = words.number();
        words.end();
        descriptors.remove(number).close();
        return Answer.of(0);
    }

    private Answer address(String name, Words words) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final String ip = words.word();
        final Endpoint<IpAddress> address = Addresses.parse(
                descriptor.domain(), name.equals("connect") && descriptor.takesPlainIpv4(), ip, words.number());
        words.end();
        if (descriptor.isV6Only() && address != null && Addresses.isPlainIpv4(ip)) {
            throw new ErrnoException(Linux.EAFNOSUPPORT);
        }
        if (name.equals("bind")) {
            if (address == null && descriptor.domain() == Linux.AF_INET6) {
                throw new ErrnoException(Linux.EINVAL); // too short for an address
            }
            descriptor.bind(address);
        } else {
            descriptor.connect(address);
        }
        return Answer.of(0);
    }

    private Answer listen(Words words) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final int backlog = words.number();
        words.end();
        descriptor.listen(backlog);
        return Answer.of(0);
    }

    private Answer receive(Words words, boolean withSource) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final long length = words.size();
        final int flags = words.number();
        words.end();
        final Descriptor.Received received = descriptor.receive(length, flags);
        return withSource
                ? Answer.of(received.count(), Addresses.text(descriptor.domain(), received.from()))
                : Answer.of(received.count());
    }

    private Answer name(Words words, boolean ofPeer) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        words.end();
        return Answer.of(0, Addresses.text(descriptor.domain(), ofPeer ? descriptor.peer() : descriptor.name()));
    }

    private Answer receiveMessage(Words words) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final long room = words.size();
        final int flags = words.number();
        words.end();
        final Descriptor.Received received = descriptor.receive(room, flags);
        final StringBuilder extra = new StringBuilder(Addresses.text(descriptor.domain(), received.from()));
        extra.append(' ').append(received.flags(room));
        for (final ControlMessage message : descriptor.controls(received)) {
            extra.append(' ').append(message.text());
        }
        return Answer.of(received.count(), extra.toString());
    }

    private Answer sendMessage(Words words) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final long length = words.size();
        final int flags = words.number();
        final Endpoint<IpAddress> to = destination(descriptor, flags, words);
        final List<ControlMessage> controls = new ArrayList<>();
        while (words.more()) {
            controls.add(ControlMessage.parse(words.word()));
        }
        return Answer.of(descriptor.send(length, flags, to, controls));
    }

    private Answer send(Words words, boolean withDestination) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final long length = words.size();
        final int flags = words.number();
        final Endpoint<IpAddress> to = withDestination ? destination(descriptor, flags, words) : null;
        words.end();
        return Answer.of(descriptor.send(length, flags, to));
    }

    /** Whom something is sent to; null if nobody is named. */
    private static @Nullable Endpoint<IpAddress> destination(Descriptor descriptor, int flags, Words words)
            throws ErrnoException, IOException {
        final String ip = words.word();
        final int port = words.number();
        if (ip.equals(Addresses.UNSPEC)) {
            if (descriptor instanceof TcpDescriptor) {
                TcpDescriptor.refuseUnspecified(flags);
            } else if (descriptor.domain() == Linux.AF_INET) {
                throw new ErrnoException(Linux.EINVAL); // taken for 0.0.0.0, port 0
            }
        }
        if (descriptor instanceof TcpDescriptor stream && stream.sendsRegardless(flags)) {
            return null;
        }
        return Addresses.parse(descriptor.domain(), descriptor.takesPlainIpv4(), ip, port);
    }

    private Answer shutdown(Words words) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final int how = words.number();
        words.end();
        if (how < Linux.SHUT_RD || how > Linux.SHUT_RDWR) {
            throw new ErrnoException(Linux.EINVAL);
        }
        descriptor.shutdown(how);
        return Answer.of(0);
    }

    private Answer fcntl(Words words) throws ErrnoException {
        final Descriptor descriptor = next(words);
        final int command = words.number();
        final int argument = words.number();
        words.end();
        return switch (command) {
            case Linux.F_GETFL -> Answer.of(Linux.O_RDWR | (descriptor.isNonBlocking() ? Linux.O_NONBLOCK : 0));
            case Linux.F_SETFL -> {
                descriptor.nonBlocking((argument & Linux.O_NONBLOCK) != 0);
                yield Answer.of(0);
            }
            case Linux.F_GETFD -> Answer.of(descriptor.closeOnExec() ? Linux.FD_CLOEXEC : 0);
            case Linux.F_SETFD -> {
                descriptor.closeOnExec((argument & Linux.FD_CLOEXEC) != 0);
                yield Answer.of(0);
            }
            default -> Answer.failed(Linux.EINVAL);
        };
    }

    private Answer ioctl(Words words) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final int request = words.number();
        words.end();
        return switch (request) {
            case Linux.SIOCINQ -> Answer.of(0, Integer.toString(descriptor.unread()));
            case Linux.SIOCOUTQ -> Answer.of(0, Integer.toString(descriptor.unsent(false)));
            case Linux.SIOCOUTQNSD -> Answer.of(0, Integer.toString(descriptor.unsent(true)));
            case Linux.SIOCATMARK -> Answer.of(0, descriptor.isAtMark() ? "1" : "0");
            default -> Answer.failed(Linux.ENOTTY);
        };
    }

    private Answer setOption(Words words) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final int level = words.number();
        final int option = words.number();
        final byte[] value = words.bytes();
        words.end();
        descriptor.setOption(level, option, value);
        return Answer.of(0);
    }

    private Answer getOption(Words words) throws ErrnoException, IOException {
        final Descriptor descriptor = next(words);
        final int level = words.number();
        final int option = words.number();
        final int room = words.number();
        final byte[] given = words.more() ? words.bytes() : new byte[0];
        words.end();
        return Answer.of(0, HexFormat.of().formatHex(descriptor.getOption(level, option, room, given)));
    }

    private Answer poll(Words words) throws ErrnoException, InterruptedIOException {
        final int number = words.number();
        final int events = words.number();
        final int timeout = words.number();
        words.end();
        final Descriptor polled;
        try {
            polled = number < 0 ? null : descriptors.socket(number);
        } catch (ErrnoException e) {
            return Answer.of(1, Integer.toString(Linux.POLLNVAL));
        }
        final int ready = await(polled, events, timeout);
        return Answer.of(ready == 0 ? 0 : 1, Integer.toString(ready));
    }

    /** What a socket, if any, is ready for in time; 0 for nothing. */
    private static int await(@Nullable Descriptor polled, int events, int millis) throws InterruptedIOException {
        final int[] wanted = polled == null ? new int[0] : new int[] {events};
        final long end = System.nanoTime() + millis * NANOS_PER_MILLI;
        try {
            while (true) {
                final long left = millis < 0 ? Long.MAX_VALUE : end - System.nanoTime();
                final List<Readiness> awaited = polled == null ? List.of() : List.of(polled.readiness());
                // Which may be another one by now: of what was a listener, say.
                final int ready = Readiness.await(awaited, wanted, left) == 0 || polled == null
                        ? 0
                        : polled.readiness().bits() & (events | Readiness.ALWAYS);
                if (ready != 0 || (millis >= 0 && left <= 0)) {
                    return ready; // otherwise another thread was faster
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private Descriptor next(Words words) throws ErrnoException {
        return descriptors.socket(words.number());
    }
}
