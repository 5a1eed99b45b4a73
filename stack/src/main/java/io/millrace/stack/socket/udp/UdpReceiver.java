package io.millrace.stack.socket.udp;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.PacketQueue;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks received datagrams and hands them to their sockets: one to a host to one socket, in place; one to a group or to
 * everyone to each socket that listens, the last one in place and each other a copy in a buffer of its own, so that none
 * sees what another does to it.
 */
final class UdpReceiver {
    private final IpOutput output;
    private final PacketStore packets;
    private final Counters<StackCounter> counters;
    private final Consumer<Throwable> errors;
    private final UdpTable table;
    private final UdpDatagram view;
    private @Nullable UdpSocket<?>[] listeners = new UdpSocket<?>[16];

    UdpReceiver(
            final IpOutput output,
            final UdpSender sender,
            final UdpTable table,
            final Counters<StackCounter> counters,
            final Consumer<Throwable> errors) {
        this.output = output;
        this.packets = output.packets();
        this.counters = counters;
        this.errors = errors;
        this.table = table;
        this.view = new UdpDatagram(sender);
    }

    /** Takes a datagram; arguments and result as of {@link UdpEngine#receive}. */
    int receive(
            final IpRepr ip,
            final long handle,
            final long offset,
            final int length,
            final boolean group,
            final long now) {
        if (length < UdpView.LENGTH) {
            return drop(StackCounter.UDP_TRUNCATED);
        }
        final MemorySegment memory = packets.memory(handle);
        final int udpLength = UdpView.length(memory, offset);
        if (udpLength < UdpView.LENGTH || udpLength > length) {
            return drop(StackCounter.UDP_BAD_LENGTH);
        }
        if (UdpView.checksum(memory, offset) == 0) {
            if (ip.family == IpFamily.V6 && ip.distrusts(IpRepr.CHECKSUM_UDP_ABSENT)) {
                return drop(StackCounter.UDP_NO_CHECKSUM);
            }
        } else if (ip.distrusts(IpRepr.CHECKSUM_UDP) && !UdpView.verifies(ip, memory, offset, udpLength)) {
            return drop(StackCounter.UDP_BAD_CHECKSUM);
        }
        final int port = UdpView.dstPort(memory, offset);
        if (port == 0) {
            return drop(StackCounter.UDP_PORT_ZERO);
        }
        if (table.isReserved(port)) {
            return UdpEngine.ENCAPSULATED;
        }
        if (group) {
            return receiveGroup(ip, handle, memory, offset, udpLength, port, now);
        }
        final UdpSocket<?> socket = table.find(ip, UdpView.srcPort(memory, offset), port);
        if (socket == null) {
            counters.increment(StackCounter.UDP_NO_PORT);
            return UdpEngine.NO_PORT;
        }
        return deliver(socket, ip, handle, memory, offset, udpLength, now);
    }

    private int receiveGroup(
            final IpRepr ip,
            final long handle,
            final MemorySegment memory,
            final long offset,
            final int udpLength,
            final int port,
            final long now) {
        // Found all at once, since handlers may open and close sockets.
        final int count = findListeners(ip, UdpView.srcPort(memory, offset), port);
        if (count == 0) {
            counters.increment(StackCounter.UDP_NO_PORT);
            return UdpEngine.NO_PORT;
        }
        int result = UdpEngine.DONE;
        for (int i = 0; i < count; i++) {
            final UdpSocket<?> socket = listeners[i];
            listeners[i] = null;
            if (socket == null || socket.isClosed()) {
                continue;
            }
            if (i == count - 1) {
                result = deliver(socket, ip, handle, memory, offset, udpLength, now);
            } else {
                deliverCopy(socket, ip, memory, offset, udpLength, now);
            }
        }
        return result;
    }

    private int findListeners(final IpRepr ip, final int sourcePort, final int port) {
        int count = 0;
        final UdpSocket<?> connected = table.connected(ip, sourcePort, port);
        if (connected != null && connected.hears(ip)) {
            count = listen(connected, count);
        }
        final long zoneKey = table.zoneKeyOf(ip);
        if (zoneKey != 0) {
            count = findListeners(table.binding(ip.family, ip.dstHi ^ zoneKey, ip.dstLo, port), ip, count);
        }
        count = findListeners(table.binding(ip.family, ip.dstHi, ip.dstLo, port), ip, count);
        return findListeners(table.binding(ip.family, 0, 0, port), ip, count);
    }

    private int findListeners(final @Nullable UdpBinding binding, final IpRepr ip, final int found) {
        int count = found;
        for (int i = 0; binding != null && i < binding.count(); i++) {
            if (binding.receiver(i).hears(ip)) {
                count = listen(binding.receiver(i), count);
            }
        }
        return count;
    }

    private int listen(final UdpSocket<?> socket, final int count) {
        if (count == listeners.length) {
            listeners = Arrays.copyOf(listeners, 2 * count);
        }
        listeners[count] = socket;
        return count + 1;
    }

    private void deliverCopy(
            final UdpSocket<?> socket,
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int udpLength,
            final long now) {
        final long copy = output.allocate(udpLength);
        if (copy == PacketPool.NONE) {
            return; // counted where it was refused
        }
        packets.length(copy, udpLength);
        final MemorySegment to = packets.memory(copy);
        final long at = packets.dataOffset(copy);
        MemorySegment.copy(memory, offset, to, at, udpLength);
        if (deliver(socket, ip, copy, to, at, udpLength, now) == UdpEngine.DONE) {
            output.free(copy);
        }
    }

    private int deliver(
            final UdpSocket<?> socket,
            final IpRepr ip,
            final long handle,
            final MemorySegment memory,
            final long offset,
            final int udpLength,
            final long now) {
        final long payload = offset + UdpView.LENGTH;
        final int length = udpLength - UdpView.LENGTH;
        final int sourcePort = UdpView.srcPort(memory, offset);
        final UdpHandler handler = socket.handler();
        if (handler == null) {
            if (PacketQueue.keepsLarge(packets, handle)
                    || !socket.inbox().add(ip, handle, payload, length, sourcePort, now)) {
                return drop(StackCounter.UDP_QUEUE_FULL);
            }
            try {
                socket.inbox().signal();
            } catch (final RuntimeException e) {
                failed(e);
            }
            return UdpEngine.TAKEN;
        }
        view.wrap(socket, ip, handle, memory, payload, length, sourcePort, now);
        try {
            handler.onDatagram(socket, view);
        } catch (final RuntimeException e) {
            failed(e);
        }
        return view.release() == PacketPool.NONE ? UdpEngine.TAKEN : UdpEngine.DONE;
    }

    private int drop(final StackCounter reason) {
        counters.increment(reason);
        return UdpEngine.DONE;
    }

    private void failed(final RuntimeException e) {
        counters.increment(StackCounter.HANDLER_FAILURES);
        errors.accept(e);
    }
}
