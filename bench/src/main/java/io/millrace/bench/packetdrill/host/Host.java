package io.millrace.bench.packetdrill.host;

import io.millrace.bench.socketapi.Descriptor;
import io.millrace.bench.socketapi.Descriptors;
import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Failures;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.OpenFile;
import io.millrace.bench.socketapi.TcpDescriptor;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A program's descriptors upon a stack. Not thread-safe: all on the thread that polls the stack. */
public final class Host {
    private final StackClient client;
    private final TcpConfig defaults;
    private final Endpoint<IpAddress> bindTo;
    private final Endpoint<IpAddress> connectTo;
    private final int rounding;
    private final ErrorQueue errorQueue;
    private final Descriptors descriptors = new Descriptors();
    private @Nullable TcpDescriptor latest;
    private Map<String, Long> files = Map.of();
    private String md5Secret = "";

    /**
     * A program without open sockets.
     *
     * @param client of the polling thread's own
     * @param defaults what TCP is configured to be
     * @param bindTo where it binds when a script leaves that open
     * @param connectTo whom it connects to when a script leaves that open
     * @param rounding 0 where sizes of buffers are Linux's, which are doubled; else they may be off by fewer bytes
     * @param origin the stack's time when the script began, microseconds
     * @param tolerance by how many of them times that are told may be off
     */
    public Host(
            final StackClient client,
            final TcpConfig defaults,
            final Endpoint<IpAddress> bindTo,
            final Endpoint<IpAddress> connectTo,
            final int rounding,
            final long origin,
            final long tolerance) {
        this.client = client;
        this.defaults = defaults;
        this.bindTo = bindTo;
        this.connectTo = connectTo;
        this.rounding = rounding;
        this.errorQueue = new ErrorQueue(origin, tolerance);
    }

    /** Opens a socket; its content is {@link Payload}'s. */
    Descriptor socket(final int type, final int protocol) throws ErrnoException {
        final int domain = bindTo.address() instanceof Ipv4Address ? Linux.AF_INET : Linux.AF_INET6;
        return Failures.translated(() -> Descriptor.open(client, domain, type, protocol, defaults, Payload.INSTANCE));
    }

    Endpoint<IpAddress> bindTo() {
        return bindTo;
    }

    Endpoint<IpAddress> connectTo() {
        return connectTo;
    }

    /** By how many bytes less the size of a buffer may differ, which is not doubled then; 0 if it is, and is exact. */
    int rounding() {
        return rounding;
    }

    /** What compares entries of error queues. */
    ErrorQueue errorQueue() {
        return errorQueue;
    }

    IpAddress any() {
        return bindTo.address() instanceof Ipv4Address ? Ipv4Address.UNSPECIFIED : Ipv6Address.UNSPECIFIED;
    }

    /** Sets which files there are, and how long they are. */
    public void files(final Map<String, Long> sizes) {
        files = Map.copyOf(sizes);
    }

    /** Sets what signs segments of the peer's, as a system does that hands out keys itself. */
    public void md5Secret(final String secret) {
        md5Secret = secret;
    }

    /** The same in the form of TCP_MD5SIG; null if there is none. */
    byte @Nullable [] md5Key() {
        return md5Secret.isEmpty() ? null : Md5Signature.option(connectTo.address(), md5Secret);
    }

    /** How long a file is; null if there is none. */
    @Nullable
    Long fileSize(final String path) {
        return files.get(path);
    }

    int open(final OpenFile descriptor) throws ErrnoException {
        final int fd = descriptors.add(descriptor);
        note(descriptor);
        return fd;
    }

    /** Notes the connection that {@link #connection()} gives. */
    void note(final OpenFile descriptor) {
        if (descriptor instanceof TcpDescriptor tcp) {
            latest = tcp;
        }
    }

    /** What has a number; null if nothing has. */
    @Nullable
    OpenFile get(final long fd) {
        try {
            return descriptors.get((int) fd);
        } catch (final ErrnoException e) {
            return null;
        }
    }

    OpenFile remove(final long fd) throws ErrnoException {
        return descriptors.remove((int) fd);
    }

    /**
     * Gives a descriptor the number that a script calls it by. Scripts leave descriptors open and do not mind.
     *
     * @param fd as {@link #open} chose it
     * @param wanted as the script has it
     */
    public void rename(final long fd, final long wanted) {
        descriptors.rename((int) fd, (int) wanted);
    }

    /** Whether no descriptor is open. */
    public boolean isEmpty() {
        return descriptors.isEmpty();
    }

    /** Bytes written to the connection that {@link #connection()} gives. */
    public long written() {
        final TcpDescriptor tcp = latest;
        return tcp == null ? 0 : tcp.written();
    }

    /** The connection that was accepted or opened last, which assertions are about; null if there is none. */
    public @Nullable TcpDescriptor connection() {
        return latest;
    }
}
