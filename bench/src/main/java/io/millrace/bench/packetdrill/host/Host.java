package io.millrace.bench.packetdrill.host;

import io.millrace.stack.Stack;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A program's descriptors upon a stack. Not thread-safe; what it makes of the stack's sockets belongs to it. */
public final class Host {
    private static final int FIRST = 3;

    private final Stack stack;
    private final Payload payload;
    private final Endpoint<IpAddress> bindTo;
    private final Endpoint<IpAddress> connectTo;
    private final TreeMap<Integer, Descriptor> descriptors = new TreeMap<>();
    private @Nullable TcpDescriptor latest;

    /**
     * A program without open sockets.
     *
     * @param bindTo where it binds when a script leaves that open
     * @param connectTo whom it connects to when a script leaves that open
     */
    public Host(
            final Stack stack,
            final Payload payload,
            final Endpoint<IpAddress> bindTo,
            final Endpoint<IpAddress> connectTo) {
        this.stack = stack;
        this.payload = payload;
        this.bindTo = bindTo;
        this.connectTo = connectTo;
    }

    Stack stack() {
        return stack;
    }

    Payload payload() {
        return payload;
    }

    Endpoint<IpAddress> bindTo() {
        return bindTo;
    }

    Endpoint<IpAddress> connectTo() {
        return connectTo;
    }

    IpAddress any() {
        return bindTo.address() instanceof Ipv4Address ? Ipv4Address.UNSPECIFIED : Ipv6Address.UNSPECIFIED;
    }

    int open(final Descriptor descriptor) {
        int fd = FIRST;
        while (descriptors.containsKey(fd)) {
            fd++;
        }
        descriptors.put(fd, descriptor);
        note(descriptor);
        return fd;
    }

    /** Notes the connection that {@link #connection()} gives. */
    void note(final Descriptor descriptor) {
        if (descriptor instanceof TcpDescriptor tcp && !tcp.listening()) {
            latest = tcp;
        }
    }

    @Nullable
    Descriptor get(final long fd) {
        return descriptors.get((int) fd);
    }

    @Nullable
    Descriptor remove(final long fd) {
        return descriptors.remove((int) fd);
    }

    /**
     * Gives a descriptor the number that a script calls it by. Scripts leave descriptors open and do not mind.
     *
     * @param fd as {@link #open} chose it
     * @param wanted as the script has it
     */
    public void rename(final long fd, final long wanted) {
        final Descriptor descriptor = descriptors.remove((int) fd);
        if (descriptor != null) {
            descriptors.put((int) wanted, descriptor);
        }
    }

    /** Bytes written to the connection that {@link #connection()} gives. */
    public long written() {
        final TcpDescriptor tcp = latest;
        return tcp == null ? 0 : tcp.written();
    }

    /** The connection that was accepted or opened last, whose state assertions are about; null if there is none. */
    public @Nullable TcpSocket<?> connection() {
        final TcpDescriptor tcp = latest;
        return tcp == null ? null : tcp.socket();
    }
}
