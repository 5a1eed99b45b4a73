package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns a script's system calls into what sockets do. */
public final class SystemCalls {
    private static final int SEND_FLAGS = Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL | Constants.MSG_MORE;
    private static final int RECEIVE_FLAGS =
            Constants.MSG_DONTWAIT | Constants.MSG_PEEK | Constants.MSG_TRUNC | Constants.MSG_WAITALL;
    private static final int TYPE = 0xF;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;

    private final Host host;
    private final Waiting waiting;

    /** Calls of a program. */
    public SystemCalls(final Host host) {
        this.host = host;
        this.waiting = new Waiting(host);
    }

    /**
     * Begins a call.
     *
     * @throws UnsupportedCallException if there is no such call here, or not with these arguments
     */
    public Attempt begin(final Call call, final long now) {
        final Arguments arguments = new Arguments(call, host);
        return switch (call.name()) {
            case "socket" -> done(socket(arguments));
            case "epoll_create", "epoll_create1" -> done(Outcome.of(host.open(new Epoll())));
            case "poll" -> waiting.poll(arguments, now);
            default -> {
                final Descriptor descriptor = host.get(arguments.number(0));
                yield descriptor == null ? done(Errno.EBADF.outcome()) : begin(call.name(), descriptor, arguments, now);
            }
        };
    }

    private Attempt begin(final String name, final Descriptor descriptor, final Arguments arguments, final long now) {
        return switch (name) {
            case "close" -> done(close(arguments));
            case "fcntl" -> done(control(descriptor, arguments));
            case "ioctl" -> done(Inquiries.ioctl(descriptor, arguments));
            case "setsockopt" -> done(Inquiries.set(descriptor, arguments));
            case "getsockopt" -> done(Inquiries.get(descriptor, arguments));
            case "epoll_ctl" -> done(watch(descriptor, arguments));
            case "epoll_wait" -> waiting.epoll(descriptor, arguments, now);
            case "bind" -> done(bind(descriptor, arguments.endpoint(1, host.bindTo())));
            case "connect" -> connect(descriptor, arguments.endpoint(1, host.connectTo()));
            case "listen" ->
                done(
                        descriptor instanceof TcpDescriptor tcp
                                ? tcp.listen((int) arguments.number(1))
                                : Errno.EOPNOTSUPP.outcome());
            case "accept", "accept4" -> accept(descriptor, name.equals("accept4") ? arguments.number(3) : 0);
            case "shutdown" ->
                done(
                        descriptor instanceof TcpDescriptor tcp
                                ? tcp.shutdown((int) arguments.number(1))
                                : Errno.ENOTCONN.outcome());
            case "readv" -> receive(descriptor, arguments.vector(1), 0);
            case "recvmsg" -> receive(descriptor, arguments.message(1), arguments.number(2));
            case "write", "send", "sendto", "read", "recv", "recvfrom" -> transfer(name, descriptor, arguments);
            case "writev" -> send(descriptor, null, arguments.vector(1), 0);
            case "sendmsg" ->
                send(
                        descriptor,
                        descriptor instanceof UdpDescriptor ? host.connectTo() : null,
                        arguments.message(1),
                        arguments.number(2));
            default -> throw new UnsupportedCallException("the system call " + name);
        };
    }

    /** Calls with one buffer, which comes second, and its length. */
    private Attempt transfer(final String name, final Descriptor descriptor, final Arguments arguments) {
        final long length = arguments.number(2);
        if (length > 0 && arguments.isNull(1)) {
            return done(Errno.EFAULT.outcome());
        }
        final long flags = arguments.optional(3) == null ? 0 : arguments.number(3);
        return switch (name) {
            case "write" -> send(descriptor, null, length, 0);
            case "send" -> send(descriptor, null, length, flags);
            case "sendto" -> send(descriptor, arguments.destination(4, host.connectTo()), length, flags);
            case "read" -> receive(descriptor, length, 0);
            default -> receive(descriptor, length, flags);
        };
    }

    private static Attempt done(final Outcome outcome) {
        return now -> outcome;
    }

    private Outcome socket(final Arguments arguments) {
        final long type = arguments.number(1);
        final long protocol = arguments.number(2);
        final Descriptor descriptor;
        if ((type & TYPE) == Constants.SOCK_STREAM && (protocol == 0 || protocol == Constants.SOL_TCP)) {
            descriptor = new TcpDescriptor(host);
        } else if ((type & TYPE) == Constants.SOCK_DGRAM && (protocol == 0 || protocol == Constants.SOL_UDP)) {
            descriptor = new UdpDescriptor(host);
        } else {
            throw new UnsupportedCallException("sockets of type " + (type & TYPE) + " and protocol " + protocol);
        }
        descriptor.fileFlags |= type & Constants.SOCK_NONBLOCK;
        return Outcome.of(host.open(descriptor));
    }

    private Outcome close(final Arguments arguments) {
        final Descriptor closed = host.remove(arguments.number(0));
        if (closed == null) {
            return Errno.EBADF.outcome();
        }
        closed.close();
        return Outcome.ZERO;
    }

    private static Outcome control(final Descriptor descriptor, final Arguments arguments) {
        final int command = (int) arguments.number(1);
        return switch (command) {
            case F_GETFL -> Outcome.of(descriptor.fileFlags);
            case F_SETFL -> {
                descriptor.fileFlags = (arguments.number(2) & Constants.O_NONBLOCK) | Constants.O_RDWR;
                yield Outcome.ZERO;
            }
            case 1, 2 -> Outcome.ZERO; // close on exec: nothing is executed
            default -> throw new UnsupportedCallException("fcntl with command " + command);
        };
    }

    private Outcome watch(final Descriptor descriptor, final Arguments arguments) {
        final Descriptor target = host.get(arguments.number(2));
        if (target == null) {
            return Errno.EBADF.outcome();
        }
        return descriptor instanceof Epoll epoll
                ? epoll.control(arguments.number(1), (int) arguments.number(2), target, arguments.optional(3))
                : Errno.EINVAL.outcome();
    }

    private static Outcome bind(final Descriptor descriptor, final Endpoint<IpAddress> to) {
        return switch (descriptor) {
            case TcpDescriptor tcp -> tcp.bind(to);
            case UdpDescriptor udp -> udp.bind(to);
            default -> Errno.ENOTSOCK.outcome();
        };
    }

    private Attempt connect(final Descriptor descriptor, final Endpoint<IpAddress> to) {
        if (descriptor instanceof UdpDescriptor udp) {
            return done(udp.connect(to));
        }
        if (!(descriptor instanceof TcpDescriptor tcp)) {
            return done(Errno.ENOTSOCK.outcome());
        }
        host.note(tcp);
        final Outcome first = tcp.connect(to, true);
        return first != null ? done(first) : now -> tcp.connect(to, false);
    }

    private Attempt accept(final Descriptor descriptor, final long flags) {
        if (!(descriptor instanceof TcpDescriptor tcp)) {
            return done(Errno.EOPNOTSUPP.outcome());
        }
        if (!tcp.listening()) {
            return done(Errno.EINVAL.outcome());
        }
        return now -> {
            final TcpDescriptor child = tcp.accept();
            if (child == null) {
                return tcp.nonBlocking() ? Errno.EAGAIN.outcome() : null;
            }
            child.fileFlags |= flags & Constants.SOCK_NONBLOCK;
            return Outcome.of(host.open(child));
        };
    }

    private static Attempt receive(final Descriptor descriptor, final long room, final long flags) {
        refuse(flags & ~RECEIVE_FLAGS);
        final boolean peek = (flags & Constants.MSG_PEEK) != 0;
        final boolean all = (flags & Constants.MSG_WAITALL) != 0;
        final boolean wait = !descriptor.nonBlocking() && (flags & Constants.MSG_DONTWAIT) == 0;
        return now -> {
            final Outcome outcome = switch (descriptor) {
                case TcpDescriptor tcp -> tcp.listening() ? Errno.ENOTCONN.outcome() : tcp.receive(room, peek, all);
                case UdpDescriptor udp -> udp.receive(room, peek);
                default -> Errno.EINVAL.outcome();
            };
            return outcome == null && !wait ? Errno.EAGAIN.outcome() : outcome;
        };
    }

    private static Attempt send(
            final Descriptor descriptor, final @Nullable Endpoint<IpAddress> to, final long length, final long flags) {
        refuse(flags & ~SEND_FLAGS);
        if (descriptor instanceof UdpDescriptor udp) {
            return done(udp.send(to, length));
        }
        if (!(descriptor instanceof TcpDescriptor tcp)) {
            return done(Errno.EINVAL.outcome());
        }
        final boolean wait = !tcp.nonBlocking() && (flags & Constants.MSG_DONTWAIT) == 0;
        return new Sending(tcp, length, wait, (flags & Constants.MSG_MORE) != 0);
    }

    private static void refuse(final long flags) {
        if (flags != 0) {
            throw new UnsupportedCallException("the flags 0x" + Long.toHexString(flags) + " of a message");
        }
    }

    /** Writes until all is written, or as much as there is room for. */
    private static final class Sending implements Attempt {
        private final TcpDescriptor tcp;
        private final long length;
        private final boolean wait;
        private final boolean more;
        private long done;

        Sending(final TcpDescriptor tcp, final long length, final boolean wait, final boolean more) {
            this.tcp = tcp;
            this.length = length;
            this.wait = wait;
            this.more = more;
        }

        @Override
        public @Nullable Outcome run(final long now) {
            final long taken = tcp.send(length - done, more);
            if (taken < 0) {
                return done > 0 ? Outcome.of(done) : Outcome.error((int) -taken);
            }
            done += taken;
            if (done == length) {
                return Outcome.of(done);
            }
            if (wait) {
                return null;
            }
            return done > 0 ? Outcome.of(done) : Errno.EAGAIN.outcome();
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
