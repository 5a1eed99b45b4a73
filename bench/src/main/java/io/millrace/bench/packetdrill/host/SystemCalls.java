package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.socketapi.Descriptor;
import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Failures;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.OpenFile;
import io.millrace.bench.socketapi.QueuedError;
import io.millrace.bench.socketapi.TcpDescriptor;
import io.millrace.stack.client.Readiness;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Turns a script's system calls into what sockets do. The sockets never wait, since nobody else polls the stack: a call
 * that would is made again after each step.
 */
public final class SystemCalls {
    private static final int SEND_FLAGS = Linux.MSG_OOB
            | Linux.MSG_DONTWAIT
            | Linux.MSG_NOSIGNAL
            | Linux.MSG_MORE
            | Linux.MSG_EOR
            | Linux.MSG_ZEROCOPY
            | Linux.MSG_FASTOPEN;
    private static final int RECEIVE_FLAGS = Linux.MSG_OOB
            | Linux.MSG_DONTWAIT
            | Linux.MSG_PEEK
            | Linux.MSG_TRUNC
            | Linux.MSG_WAITALL
            | Linux.MSG_ERRQUEUE;

    private final Host host;
    private final Waiting waiting;
    private final Splicing splicing;

    /** Calls of a program. */
    public SystemCalls(final Host host) {
        this.host = host;
        this.waiting = new Waiting(host);
        this.splicing = new Splicing(host, this);
    }

    /** What may fail with an error number; null while it would wait. */
    @FunctionalInterface
    private interface Trial {
        @Nullable
        Outcome run() throws ErrnoException;
    }

    /**
     * Begins a call.
     *
     * @throws UnsupportedCallException if there is no such call here, or not with these arguments
     */
    public Attempt begin(final Call call, final long now) {
        final Arguments arguments = new Arguments(call, host);
        return switch (call.name()) {
            case "socket" -> once(() -> socket(arguments));
            case "epoll_create", "epoll_create1" -> once(() -> Outcome.of(host.open(new Epoll())));
            case "poll" -> waiting.poll(arguments, now);
            case "open" -> once(() -> splicing.open(arguments));
            case "pipe" -> once(() -> splicing.pipe(arguments));
            default -> {
                final OpenFile file = host.get(arguments.number(0));
                yield file == null ? done(Linux.EBADF) : begin(call, file, arguments, now);
            }
        };
    }

    private Attempt begin(final Call call, final OpenFile file, final Arguments arguments, final long now) {
        return switch (call.name()) {
            case "close" -> close(file, arguments, now);
            case "epoll_ctl" -> once(() -> watch(file, arguments));
            case "epoll_wait" -> waiting.epoll(file, arguments, now);
            case "splice" -> splicing.splice(call, file, arguments);
            default -> file instanceof Descriptor socket ? begin(call, socket, arguments) : done(Linux.ENOTSOCK);
        };
    }

    private Attempt begin(final Call call, final Descriptor socket, final Arguments arguments) {
        return switch (call.name()) {
            case "fcntl" -> once(() -> control(socket, arguments));
            case "ioctl" -> once(() -> Inquiries.ioctl(socket, arguments));
            case "setsockopt" -> once(() -> Inquiries.set(socket, arguments, call));
            case "getsockopt" -> once(() -> Inquiries.get(socket, arguments, call));
            case "bind" -> once(() -> bind(socket, arguments.endpoint(1, host.bindTo())));
            case "connect" ->
                arguments.isUnspecified(1)
                        ? once(() -> done(() -> socket.connect(null)))
                        : connect(socket, arguments.endpoint(1, host.connectTo()));
            case "listen" -> once(() -> listen(socket, (int) arguments.number(1)));
            case "accept", "accept4" -> accept(socket, call.name().equals("accept4") ? arguments.number(3) : 0);
            case "shutdown" -> once(() -> shutdown(socket, (int) arguments.number(1)));
            case "readv" -> read(socket, arguments.vector(1));
            case "recvmsg" -> receiveMessage(socket, arguments);
            case "write", "send", "sendto", "read", "recv", "recvfrom" -> transfer(call.name(), socket, arguments);
            case "writev" -> send(socket, null, arguments.vector(1), 0);
            case "sendmsg" -> sendMessage(socket, arguments);
            case "sendfile" -> splicing.sendFile(socket, arguments);
            default -> throw new UnsupportedCallException("the system call " + call.name());
        };
    }

    private Attempt sendMessage(final Descriptor socket, final Arguments arguments) {
        if (!arguments.control(1).isEmpty()) {
            throw new UnsupportedCallException("ancillary data of what is sent");
        }
        final long flags = arguments.number(2);
        final boolean connected = socket instanceof TcpDescriptor && (flags & Linux.MSG_FASTOPEN) == 0;
        return send(socket, connected ? null : host.connectTo(), arguments.message(1), flags);
    }

    /** Takes an entry of the error queue, which never waits. */
    private static Attempt takeError(final Descriptor socket, final Arguments arguments) {
        final long room = arguments.message(1);
        final long flags = arguments.number(2);
        refuse(flags & ~RECEIVE_FLAGS);
        return once(() -> {
            final Descriptor.Received received = Failures.translated(() -> socket.receive(room, (int) flags));
            final QueuedError error = received.error();
            if (error == null) {
                throw new UnsupportedCallException("an error queue that is none");
            }
            arguments.errorQueue().check(error, received.flags(room), arguments);
            return Outcome.of(received.count());
        });
    }

    private Attempt receiveMessage(final Descriptor socket, final Arguments arguments) {
        if ((arguments.number(2) & Linux.MSG_ERRQUEUE) != 0) {
            return takeError(socket, arguments);
        }
        final long room = arguments.message(1);
        final int flags = (int) arguments.number(2);
        return receive(socket, room, flags, received -> {
            arguments.checkFlags(1, received.flags(room) | (flags & Linux.MSG_OOB));
            Ancillary.check(socket, arguments.control(1));
        });
    }

    /** Calls with one buffer, which comes second, and its length. */
    private Attempt transfer(final String name, final Descriptor socket, final Arguments arguments) {
        final long length = arguments.number(2);
        if (length > 0 && arguments.isNull(1)) {
            return done(Linux.EFAULT);
        }
        final long flags = arguments.optional(3) == null ? 0 : arguments.number(3);
        return switch (name) {
            case "write" -> send(socket, null, length, 0);
            case "send" -> send(socket, null, length, flags);
            case "sendto" -> sendTo(socket, arguments, length, flags);
            case "read" -> read(socket, length);
            default -> receive(socket, length, flags);
        };
    }

    private Attempt sendTo(final Descriptor socket, final Arguments arguments, final long length, final long flags) {
        if (socket instanceof TcpDescriptor && arguments.isUnspecified(4)) {
            final Outcome refused = outcome(() -> done(() -> TcpDescriptor.refuseUnspecified((int) flags)));
            if (refused != null && refused.errno() != 0) {
                return now -> refused;
            }
        }
        return send(socket, arguments.destination(4, host.connectTo()), length, flags);
    }

    private static Attempt done(final int errno) {
        return now -> Outcome.error(errno);
    }

    /** A call that does not wait, and is made now. */
    private static Attempt once(final Trial call) {
        final Outcome outcome = outcome(call);
        return now -> outcome;
    }

    private static @Nullable Outcome outcome(final Trial call) {
        try {
            return call.run();
        } catch (final ErrnoException e) {
            return Outcome.error(e.errno());
        }
    }

    /** A call that waits as long as it fails with EAGAIN, unless the program said not to. */
    private static Attempt attempt(final boolean wait, final Trial call) {
        return now -> {
            final Outcome outcome = outcome(call);
            return wait && outcome != null && outcome.errno() == Linux.EAGAIN ? null : outcome;
        };
    }

    private Outcome socket(final Arguments arguments) throws ErrnoException {
        final int protocol = (int) arguments.number(2);
        if (protocol == Linux.IPPROTO_MPTCP || protocol == Linux.IPPROTO_SCTP || protocol == Linux.IPPROTO_UDPLITE) {
            throw new UnsupportedCallException("sockets of protocol " + protocol);
        }
        return Outcome.of(host.open(host.socket((int) arguments.number(1), protocol)));
    }

    private Attempt close(final OpenFile file, final Arguments arguments, final long now) {
        final Duration linger = file instanceof TcpDescriptor tcp ? tcp.linger() : null;
        if (!(file instanceof TcpDescriptor tcp) || linger == null) {
            return once(() -> {
                host.remove(arguments.number(0)).close();
                return Outcome.ZERO;
            });
        }
        final AtomicBoolean settled = new AtomicBoolean();
        final Outcome removed = outcome(() -> {
            host.remove(arguments.number(0));
            return Outcome.ZERO;
        });
        tcp.close(() -> settled.set(true));
        return new Timed(now + linger.toMillis() * 1000) {
            @Override
            @Nullable
            Outcome attempt(final boolean last) {
                return last || settled.get() ? removed : null;
            }
        };
    }

    private static Outcome control(final Descriptor socket, final Arguments arguments) {
        final int command = (int) arguments.number(1);
        return switch (command) {
            case Linux.F_GETFL -> Outcome.of(Linux.O_RDWR | (socket.isNonBlocking() ? Linux.O_NONBLOCK : 0));
            case Linux.F_SETFL -> {
                socket.nonBlocking((arguments.number(2) & Linux.O_NONBLOCK) != 0);
                yield Outcome.ZERO;
            }
            case Linux.F_GETFD, Linux.F_SETFD -> Outcome.ZERO; // nothing is executed
            default -> throw new UnsupportedCallException("fcntl with command " + command);
        };
    }

    private Outcome watch(final OpenFile file, final Arguments arguments) {
        if (!(host.get(arguments.number(2)) instanceof Descriptor target)) {
            return Outcome.error(Linux.EBADF);
        }
        return file instanceof Epoll epoll
                ? epoll.control(arguments.number(1), (int) arguments.number(2), target, arguments.optional(3))
                : Outcome.error(Linux.EINVAL);
    }

    private static Outcome bind(final Descriptor socket, final Endpoint<IpAddress> to) throws ErrnoException {
        return done(() -> socket.bind(to));
    }

    private static Outcome listen(final Descriptor socket, final int backlog) throws ErrnoException {
        return done(() -> socket.listen(backlog));
    }

    private static Outcome shutdown(final Descriptor socket, final int how) throws ErrnoException {
        return done(() -> socket.shutdown(how));
    }

    /** A call that returns nothing. */
    @FunctionalInterface
    private interface Step {
        void run() throws java.io.IOException, ErrnoException;
    }

    private static Outcome done(final Step step) throws ErrnoException {
        return Failures.translated(() -> {
            step.run();
            return Outcome.ZERO;
        });
    }

    private Attempt connect(final Descriptor socket, final Endpoint<IpAddress> to) {
        host.note(socket);
        final Outcome first = outcome(() -> done(() -> socket.connect(to)));
        if (first == null || first.errno() != Linux.EINPROGRESS || socket.isNonBlocking()) {
            return now -> first;
        }
        return now -> {
            final Outcome outcome = outcome(() -> done(() -> socket.connect(to)));
            final boolean going = outcome != null && outcome.errno() == Linux.EALREADY;
            return going ? null : outcome;
        };
    }

    private Attempt accept(final Descriptor socket, final long flags) {
        return attempt(!socket.isNonBlocking(), () -> {
            final TcpDescriptor child = Failures.translated(socket::accept);
            child.nonBlocking((flags & Linux.SOCK_NONBLOCK) != 0);
            return Outcome.of(host.open(child));
        });
    }

    /** As {@code recv} without flags, but that nothing is waited for if nothing fits. */
    private Attempt read(final Descriptor socket, final long room) {
        return room == 0 ? now -> Outcome.ZERO : receive(socket, room, 0);
    }

    Attempt receive(final Descriptor socket, final long room, final long flags) {
        return receive(socket, room, flags, received -> {
            // Only the count is compared, by whoever made the call.
        });
    }

    /** Compares what was received. */
    @FunctionalInterface
    private interface Look {
        void at(Descriptor.Received received) throws ErrnoException;
    }

    private static Attempt receive(final Descriptor socket, final long room, final long flags, final Look look) {
        refuse(flags & ~RECEIVE_FLAGS);
        final boolean wait = !socket.isNonBlocking() && (flags & Linux.MSG_DONTWAIT) == 0;
        final boolean all = wait && (flags & Linux.MSG_WAITALL) != 0;
        return attempt(wait, () -> {
            if (all && !complete(socket, room)) {
                return null;
            }
            final Descriptor.Received received = Failures.translated(() -> socket.receive(room, (int) flags));
            look.at(received);
            return Outcome.of(received.count());
        });
    }

    /** Whether there is as much as wanted, or nothing more will come. */
    private static boolean complete(final Descriptor socket, final long wanted) throws ErrnoException {
        final int over = Readiness.PEER_CLOSED | Readiness.HANG_UP; // what waits in the error queue ends no waiting
        return (socket.readiness().bits() & over) != 0 || Failures.translated(socket::unread) >= wanted;
    }

    Attempt send(final Descriptor socket, final @Nullable Endpoint<IpAddress> to, final long length, final long flags) {
        refuse(flags & ~SEND_FLAGS);
        if ((flags & Linux.MSG_FASTOPEN) != 0 || to != null) {
            host.note(socket); // it may connect
        }
        final boolean wait = !socket.isNonBlocking() && (flags & Linux.MSG_DONTWAIT) == 0;
        return new Sending(socket, to, length, wait, (int) flags);
    }

    private static void refuse(final long flags) {
        if (flags != 0) {
            throw new UnsupportedCallException("the flags 0x" + Long.toHexString(flags) + " of a message");
        }
    }

    /** Writes until all is written, or as much as there is room for. */
    private static final class Sending implements Attempt {
        private final Descriptor socket;
        private final @Nullable Endpoint<IpAddress> to;
        private final long length;
        private final boolean wait;
        private int flags;
        private long done;
        /** Something went with a SYN that is not answered. */
        private boolean opening;

        Sending(
                final Descriptor socket,
                final @Nullable Endpoint<IpAddress> to,
                final long length,
                final boolean wait,
                final int flags) {
            this.socket = socket;
            this.to = to;
            this.length = length;
            this.wait = wait;
            this.flags = flags;
        }

        private boolean failed() {
            return (socket.readiness().bits() & Readiness.ERROR) != 0;
        }

        private boolean isConnecting() {
            final Outcome connecting = outcome(() -> Outcome.of(
                    Failures.translated(() -> socket instanceof TcpDescriptor tcp && tcp.isConnecting() ? 1 : 0)));
            return connecting != null && connecting.value() == 1;
        }

        @Override
        public @Nullable Outcome run(final long now) {
            if (opening && isConnecting()) {
                return null;
            }
            final long rest = opening && done == length ? 1 : length - done; // to learn what became of it
            if (opening && done == length && !failed()) {
                return Outcome.of(done);
            }
            final Outcome outcome = outcome(() -> Outcome.of(Failures.translated(() -> socket.send(rest, flags, to))));
            if (wait && outcome != null && outcome.errno() == Linux.EINPROGRESS) {
                flags &= ~Linux.MSG_FASTOPEN; // which has begun to connect
                return null;
            }
            if (outcome == null || (outcome.errno() != 0 && outcome.errno() != Linux.EAGAIN)) {
                return done > 0 && !opening ? Outcome.of(done) : outcome;
            }
            done += Math.max(0, outcome.value());
            if (wait && isConnecting()) {
                flags &= ~Linux.MSG_FASTOPEN;
                opening = true;
                return null; // what went with the SYN may be refused with it
            }
            opening = false;
            if (done == length) {
                return Outcome.of(done);
            }
            if (wait) {
                return null;
            }
            return done > 0 ? Outcome.of(done) : Outcome.error(Linux.EAGAIN);
        }
    }

    /** Lists of expressions, for whoever walks through them. */
    static List<Expression> items(final Expression expression) {
        return switch (expression) {
            case Expression.Items items -> items.items();
            case Expression.Fields fields -> fields.fields();
            default -> List.of(expression);
        };
    }
}
