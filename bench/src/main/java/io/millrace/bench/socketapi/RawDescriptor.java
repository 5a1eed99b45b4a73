package io.millrace.bench.socketapi;

import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.client.RawChannel;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A socket of type SOCK_RAW. As on Linux, of IPv4 packets the header is received too and written for the program unless
 * it set IP_HDRINCL; of IPv6 packets neither, and the checksum of ICMPv6 is filled in. Our sockets take whole packets,
 * so that is done here.
 */
final class RawDescriptor extends PacketDescriptor {
    private static final int V4_HEADER = 20;
    private static final int V6_HEADER = 40;
    private static final int DONT_FRAGMENT = 0x4000;

    private final RawChannel channel;
    private final int protocol;
    private final Content content;
    private volatile @Nullable Endpoint<IpAddress> remote;
    private volatile @Nullable IpAddress local;

    RawDescriptor(StackClient client, int domain, int protocol, Settings settings, Content content) throws IOException {
        super(client, domain, settings);
        this.protocol = protocol;
        this.content = content;
        settings.ip.headerIncluded = protocol == Linux.IPPROTO_RAW;
        channel = client.openRaw(domain == Linux.AF_INET ? 4 : 6, anyIfRaw());
    }

    /** IPPROTO_RAW is for sending headers of every protocol. */
    private int anyIfRaw() {
        return protocol == Linux.IPPROTO_RAW ? RawSocket.ANY : protocol;
    }

    @Override
    PacketChannel<IpAddress, ?> channel() {
        return channel;
    }

    @Override
    public void bind(@Nullable Endpoint<IpAddress> wanted) throws IOException, ErrnoException {
        if (wanted == null || wanted.address().isUnspecified()) {
            local = null;
            return;
        }
        final Boolean ours = client.call(stack -> stack.hasAddress(wanted.address()));
        if (!Boolean.TRUE.equals(ours)) {
            throw new ErrnoException(Linux.EADDRNOTAVAIL);
        }
        local = wanted.address();
    }

    @Override
    public void connect(@Nullable Endpoint<IpAddress> to) throws IOException, ErrnoException {
        if (to != null && client.call(stack -> stack.sourceTowards(to.address())) == null) {
            throw new ErrnoException(Linux.ENETUNREACH);
        }
        remote = to == null ? null : new Endpoint<>(to.address(), 0);
    }

    @Override
    @Nullable
    IpAddress bound() {
        return local;
    }

    @Override
    ByteBuffer delivered(ByteBuffer received) {
        return domain == Linux.AF_INET ? received : received.position(Math.min(V6_HEADER, received.limit()));
    }

    @Override
    ByteBuffer toSend(int length, @Nullable Endpoint<IpAddress> to) throws IOException, ErrnoException {
        final Endpoint<IpAddress> peer = to == null ? remote : to;
        if (peer == null) {
            throw new ErrnoException(Linux.EDESTADDRREQ);
        }
        if (settings.ip.headerIncluded) {
            final ByteBuffer packet = ByteBuffer.allocate(length);
            content.fill(packet.duplicate(), 0);
            return packet;
        }
        final boolean v4 = domain == Linux.AF_INET;
        final int header = v4 ? V4_HEADER : V6_HEADER;
        if (header + length > LONGEST) {
            throw new ErrnoException(Linux.EMSGSIZE);
        }
        final ByteBuffer packet = ByteBuffer.allocateDirect(header + length); // big-endian, as the wire
        final IpAddress from = source(peer.address());
        if (v4) {
            header4(packet, from, peer.address());
        } else {
            header6(packet, length, from, peer.address());
        }
        content.fill(packet.duplicate().position(header), 0);
        if (protocol == Linux.IPPROTO_ICMPV6 && length >= IcmpView.LENGTH) {
            final MemorySegment memory = MemorySegment.ofBuffer(packet);
            IcmpView.checksum(memory, header, 0);
            final long sum = InternetChecksum.pseudoHeader(
                            from.hi(),
                            from.lo(),
                            peer.address().hi(),
                            peer.address().lo(),
                            protocol,
                            length)
                    + InternetChecksum.partial(memory, header, length);
            IcmpView.checksum(memory, header, InternetChecksum.finish(sum));
        }
        return packet;
    }

    private IpAddress source(IpAddress to) throws IOException, ErrnoException {
        final IpAddress bound = local;
        final IpAddress chosen = bound != null ? bound : client.call(stack -> stack.sourceTowards(to));
        if (chosen == null) {
            throw new ErrnoException(Linux.ENETUNREACH);
        }
        return chosen;
    }

    private void header4(ByteBuffer packet, IpAddress from, IpAddress to) {
        packet.put(0, (byte) 0x45);
        packet.put(1, (byte) settings.ip.trafficClass());
        packet.putShort(2, (short) packet.capacity());
        packet.putShort(6, (short) (settings.ip.dontFragment() ? DONT_FRAGMENT : 0));
        packet.put(8, (byte) settings.ip.hopLimit());
        packet.put(9, (byte) protocol);
        packet.putInt(12, (int) from.lo());
        packet.putInt(16, (int) to.lo());
    }

    private void header6(ByteBuffer packet, int length, IpAddress from, IpAddress to) {
        packet.putInt(0, 6 << 28 | settings.ip.trafficClass() << 20);
        packet.putShort(4, (short) length);
        packet.put(6, (byte) protocol);
        packet.put(7, (byte) settings.ip.hopLimit());
        packet.putLong(8, from.hi()).putLong(16, from.lo());
        packet.putLong(24, to.hi()).putLong(32, to.lo());
    }

    @Override
    @Nullable
    Endpoint<IpAddress> destination(@Nullable Endpoint<IpAddress> to) {
        return null; // it stands in the header
    }

    @Override
    void shut(int how) throws IOException, ErrnoException {
        if (remote == null) {
            throw new ErrnoException(Linux.ENOTCONN);
        }
    }

    @Override
    public @Nullable Endpoint<IpAddress> remote() {
        return remote;
    }

    @Override
    public int unread() throws IOException {
        final int length = channel.available();
        return domain == Linux.AF_INET ? length : Math.max(0, length - Ipv6View.LENGTH);
    }

    @Override
    boolean setsItself(int level, int option, byte[] value) throws IOException, ErrnoException {
        final Membership membership = Membership.of(level, option, value);
        if (membership == null) {
            return false;
        }
        membership.apply(
                client,
                (join, group, on) -> channel.ask(socket -> join ? socket.join(group, on) : socket.leave(group, on)));
        return true;
    }

    @Override
    void applySettings() throws IOException {
        final Settings now;
        synchronized (settings) {
            now = settings.copy();
        }
        channel.receiveTimeout(now.receiveTimeout);
        channel.settings(now::apply);
        channel.ask(socket -> {
            socket.zone(now.device);
            if (now.receiveBuffer() != Settings.UNSET) {
                socket.queueLimits(0xFFFF, now.receiveBuffer());
            }
            return null;
        });
    }

    @Override
    int type() {
        return Linux.SOCK_RAW;
    }

    @Override
    int protocol() {
        return protocol;
    }
}
