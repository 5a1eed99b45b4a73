package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.tcp.config.TcpRuns;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.storage.ByteQueue;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Puts segments into packets: header, payload, checksum, and off they go. */
final class SegmentWriter {
    /** The lower bits of the traffic class, which are not the application's. */
    private static final int ECN = 3;

    /** Of a path that there is none of. */
    private static final int UNKNOWN_MSS = 536;

    /** The header of the next segment, filled by the caller; the ports are filled in here. */
    final TcpRepr header = new TcpRepr();

    private final IpOutput output;
    private final MemorySegment memory;
    private final PacketPool pool;
    private final Counters<StackCounter> counters;
    private final Signatures signatures;
    private final IpRepr ip = new IpRepr();
    private final long[] run = new long[TcpRuns.MOST];
    /** As configured, for what has no options of its own. */
    private final TcpOptions settings;

    private int hopLimit;
    private int trafficClass;
    private boolean dontFragment;
    private boolean signed;
    /** Of the next segment; 0 if it is not within UDP. */
    private int remoteUdpPort;

    private int localUdpPort;

    private final UdpEncapsulation encapsulation;
    private final int bufferMss;
    private boolean blocked;
    private boolean tooBig;

    // The peer that was confirmed last; a family of 0 is that of none.
    private int confirmedFamily;
    private long confirmedHi;
    private long confirmedLo;
    private long confirmedAt;

    SegmentWriter(
            final IpOutput output,
            final TcpOptions settings,
            final UdpEncapsulation encapsulation,
            final Counters<StackCounter> counters,
            final Signatures signatures) {
        this.output = output;
        this.encapsulation = encapsulation;
        this.memory = output.memory();
        this.pool = output.pool();
        this.settings = settings;
        this.hopLimit = settings.hopLimit();
        this.counters = counters;
        this.signatures = signatures;
        this.bufferMss = pool.dataRoom() - pool.headroom() - TcpView.MAX_LENGTH;
    }

    /** Whether the link or the pool refused a packet since {@link #unblock()}. */
    boolean blocked() {
        return blocked;
    }

    /** Whether the last segment was too large for the path, as it now is. */
    boolean tooBig() {
        return tooBig;
    }

    /** Notes that what was sent on a flow arrives. Once a second for each peer is enough for its neighbour. */
    void confirm(final TcpFlow flow, final long now) {
        if (now - confirmedAt < TcpEngine.SECOND
                && flow.remoteLo == confirmedLo
                && flow.remoteHi == confirmedHi
                && flow.family == confirmedFamily) {
            return;
        }
        confirmedAt = now;
        confirmedFamily = flow.family;
        confirmedHi = flow.remoteHi;
        confirmedLo = flow.remoteLo;
        output.confirm(flow.family, flow.remoteHi, flow.remoteLo, now);
    }

    /** Whether what was sent last on a connection still waits for the link. */
    boolean holds(final TcpConnection c) {
        return output.holds(c.family, c.remoteHi, c.remoteLo, c.lastSent);
    }

    /** Tries again. */
    void unblock() {
        blocked = !output.ready();
    }

    /**
     * Sends a segment of a flow.
     *
     * @param source where the payload is; null for none
     * @param position of its first byte
     * @param length of the payload
     * @return whether it left, or is as good as lost on the way; otherwise it has to be sent later
     */
    boolean write(final TcpFlow flow, final @Nullable ByteQueue source, final long position, final int length) {
        address(flow);
        if (!(flow instanceof TcpConnection c)) {
            return write(source, position, length, null);
        }
        final boolean sent = write(source, position, length, length > 0 ? TcpTimes.marks(c) : null);
        if (sent) {
            c.segmentsOut++;
        }
        return sent;
    }

    /**
     * Sends segments of a connection that follow on one another, each with as many bytes, as few packets if a device
     * below cuts them. The header is the first one's; the others' differ in the sequence number and say only once that
     * the sender slowed down.
     *
     * @param source where the payload is
     * @param position of its first byte
     * @param length of each segment's payload
     * @param wanted number of segments, 1 to {@link TcpRuns#MOST}; if they are more than fit into one packet for the
     *     device, those are left for later that would not fill another
     * @param pushes which of them say PSH
     * @return how many left or are as good as lost on the way, the first ones
     */
    int writeRun(
            final TcpConnection c,
            final ByteQueue source,
            final long position,
            final int length,
            final int wanted,
            final PushMarks pushes) {
        address(c);
        // No device could sign each of the segments that it makes, nor put it into UDP.
        int atOnce = signed || remoteUdpPort != 0 ? 1 : output.segmentsAtOnce(ip, header.headerLength(), length);
        final int count = wanted <= atOnce ? wanted : wanted - wanted % atOnce;
        final SendMarks marks = TcpTimes.marks(c);
        int made = 0;
        int packets = 0;
        while (made < count) {
            final int segments = Math.min(atOnce, count - made);
            final boolean push = pushes.at(made + segments, segments);
            header.flags = push ? header.flags | TcpView.PSH : header.flags & ~TcpView.PSH;
            final long from = position + (long) made * length;
            final long handle = segments == 1 ? fill(source, from, length) : fillLong(source, from, length, segments);
            if (handle != PacketPool.NONE) {
                if (marks != null) {
                    marks.onPacket(output, handle, from, segments * length);
                }
                run[packets++] = handle;
                made += segments;
                header.seq += segments * length;
                header.flags &= ~TcpView.CWR; // RFC 3168 section 6.1.2: on the first
            } else if (made > 0 || segments == 1) {
                break;
            } else {
                atOnce = 1; // there are too few buffers for a long one
            }
        }
        blocked |= made < count;
        tooBig = false;
        if (made == 0) {
            return 0;
        }
        final int sent = output.sendRun(run, packets, ip);
        tooBig = sent < 0;
        blocked |= sent >= 0 && sent < packets;
        final int left = tooBig ? made : Math.min(made, sent * atOnce);
        counters.add(StackCounter.TCP_SEGMENTS_SENT, left);
        counters.add(StackCounter.TCP_SEGMENTS_LEFT_TO_DEVICE, atOnce == 1 ? 0 : left % atOnce == 1 ? left - 1 : left);
        return left;
    }

    /** How many full segments of a connection one packet may carry for a device to cut; 1 if there is none. */
    int segmentsAtOnce(final TcpConnection c) {
        address(c);
        return signed || remoteUdpPort != 0
                ? 1
                : output.segmentsAtOnce(ip, TcpView.MIN_LENGTH + (c.timestamps ? TcpRepr.TIMESTAMPS_LENGTH : 0), c.mss);
    }

    private void address(final TcpFlow flow) {
        pathOf(flow);
        remoteUdpPort = flow.remoteUdpPort;
        localUdpPort = flow.localUdpPort;
        final TcpOptions options = settings(flow);
        mark(options, flow instanceof TimeWait old ? old : null);
        ip.routersMayFragment = !dontFragment;
        final TcpKeys keys = flow instanceof TimeWait old ? old.keys : options.keysOrNull();
        signed = keys != null && signatures.choose(keys, flow, header);
        header.srcPort = flow.localPort();
        header.dstPort = flow.remotePort();
    }

    /** Says how packets look: as options say, or as those of a connection in TIME-WAIT did. */
    private void mark(final TcpOptions options, final @Nullable TimeWait old) {
        hopLimit = old == null ? options.hopLimit() : old.hopLimit;
        trafficClass = (old == null ? options.trafficClass() : old.trafficClass) & ~ECN;
        ip.flowLabel = old == null ? options.flowLabel() : old.flowLabel;
        dontFragment = options.dontFragment();
    }

    /** What is set for a flow. */
    TcpOptions settings(final TcpFlow flow) {
        if (flow instanceof TcpConnection c) {
            return c.settings();
        }
        return flow instanceof HalfOpen half ? half.listener.settings() : settings;
    }

    /**
     * Sends a segment without payload to where {@code received} came from, signed and within UDP as {@code cause} was;
     * the caller has set the ports.
     *
     * @param options of whoever answers
     * @param old who answers, if that is a connection in TIME-WAIT
     */
    boolean reply(final IpRepr received, final TcpRepr cause, final TcpOptions options, final @Nullable TimeWait old) {
        ip.replyTo(received, 0);
        mark(options, old);
        remoteUdpPort = cause.udpPort;
        localUdpPort = cause.ownUdpPort;
        signed = signatures.chooseProven(cause, ip, header);
        return write(null, 0, 0, null);
    }

    private boolean write(
            final @Nullable ByteQueue source, final long position, final int length, final @Nullable SendMarks marks) {
        final long handle = fill(source, position, length);
        if (handle == PacketPool.NONE) {
            blocked = true;
            return false;
        }
        if (marks != null) {
            marks.onPacket(output, handle, position, length);
        }
        final int result = output.send(handle, ip);
        if (result == IpOutput.BUSY) {
            blocked = true;
            return false;
        }
        tooBig = result == IpOutput.TOO_BIG;
        counters.increment(StackCounter.TCP_SEGMENTS_SENT);
        return true;
    }

    /** Makes a packet of the header and so many bytes; {@link PacketPool#NONE} if there is no buffer. */
    private long fill(final @Nullable ByteQueue source, final long position, final int length) {
        final long handle = output.allocate();
        if (handle == PacketPool.NONE) {
            return handle;
        }
        final int headerLength = header.headerLength();
        final int total = headerLength + length;
        final int outer = remoteUdpPort == 0 ? 0 : UdpView.LENGTH;
        final boolean left = outer == 0 && output.completesChecksums();
        final long offset = pool.dataOffset(handle) + outer;
        final ByteQueue payload = length > 0 ? source : null;
        BufferHeader.length(memory, handle, outer + total);
        if (signed || left) {
            if (payload != null) {
                payload.copyTo(position, memory, offset + headerLength, length);
            }
            header.emit(memory, offset);
        }
        if (signed) {
            signatures.sign(ip, header, memory, offset, total);
        }
        if (left) {
            TcpView.checksum(memory, offset, InternetChecksum.fold(pseudoHeader(total)));
            OffloadFlags.transport(memory, handle, headerLength, 0);
            BufferHeader.offloadFlags(memory, handle, OffloadFlags.TX_TCP);
        } else if (signed) {
            final long sum = pseudoHeader(total) + InternetChecksum.partial(memory, offset, total);
            TcpView.checksum(memory, offset, InternetChecksum.finish(sum));
        } else {
            final long sum = payload != null ? payload.copyAndSum(position, memory, offset + headerLength, length) : 0;
            header.payloadLength = length;
            header.emit(ip, memory, offset, headerLength, sum);
        }
        if (outer != 0) {
            encapsulate(offset - outer, total);
        }
        describe(outer + total);
        return handle;
    }

    /**
     * Writes the UDP header in front of a segment. That has its checksum, so it sums to the complement of its pseudo
     * header and need not be read again.
     */
    private void encapsulate(final long offset, final int total) {
        final long segment = 0xFFFFL - InternetChecksum.fold(pseudoHeader(total));
        UdpView.writeHeader(ip, memory, offset, localUdpPort, remoteUdpPort, UdpView.LENGTH + total, segment);
        counters.increment(StackCounter.TCP_ENCAPSULATED);
    }

    /** Makes one packet of the header and the payload of several segments; {@link PacketPool#NONE} without buffers. */
    private long fillLong(final ByteQueue source, final long position, final int length, final int segments) {
        final long first = output.allocate();
        if (first == PacketPool.NONE) {
            return first;
        }
        final int headerLength = header.headerLength();
        final int payload = segments * length;
        final long offset = pool.dataOffset(first);
        int done = Math.min(payload, pool.dataRoom() - pool.headroom() - headerLength);
        BufferHeader.length(memory, first, headerLength + done);
        source.copyTo(position, memory, offset + headerLength, done);
        for (long last = first; done < payload; ) {
            final long next = output.allocate();
            if (next == PacketPool.NONE) {
                output.free(first);
                return next;
            }
            final int piece = Math.min(payload - done, pool.dataRoom());
            BufferHeader.dataOff(memory, next, 0);
            BufferHeader.length(memory, next, piece);
            source.copyTo(position + done, memory, pool.dataOffset(next), piece);
            BufferChain.append(memory, first, last, next);
            last = next;
            done += piece;
        }
        header.emit(memory, offset);
        // The device adds the length of each segment.
        TcpView.checksum(memory, offset, InternetChecksum.fold(pseudoHeader(0)));
        OffloadFlags.transport(memory, first, headerLength, length);
        BufferHeader.offloadFlags(memory, first, OffloadFlags.TX_TCP | OffloadFlags.TX_SEGMENT);
        describe(headerLength + payload);
        return first;
    }

    private long pseudoHeader(final int length) {
        return InternetChecksum.pseudoHeader(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, TcpView.PROTOCOL, length);
    }

    /** Says what the packet of a segment is to be like. */
    private void describe(final int length) {
        ip.protocol = remoteUdpPort == 0 ? TcpView.PROTOCOL : UdpView.PROTOCOL;
        ip.hopLimit = hopLimit;
        ip.trafficClass = trafficClass | header.ecn;
        ip.payloadLength = length;
        ip.dontFragment = dontFragment; // if so, too long a segment is told, and cut anew (RFC 1191)
    }

    /** Longest packet that the path of a flow carries; 0 if there is no way. */
    int pathMtu(final TcpFlow flow) {
        pathOf(flow);
        return output.pathMtu(ip);
    }

    /** What is known of the paths of a flow. */
    RouteMetrics metrics(final TcpFlow flow) {
        pathOf(flow);
        return output.metrics(ip);
    }

    private void pathOf(final TcpFlow flow) {
        ip.family = flow.family;
        ip.srcHi = flow.localHi;
        ip.srcLo = flow.localLo;
        ip.dstHi = flow.remoteHi;
        ip.dstLo = flow.remoteLo;
        ip.interfaceIndex = -1;
    }

    /** Largest TCP payload that an unfragmented packet to the destination has room for; at least 1. */
    int pathMss(final TcpFlow flow) {
        return mss(flow, pathMtu(flow));
    }

    /** The same whatever routers told of the path. */
    int linkMss(final TcpFlow flow) {
        pathOf(flow);
        return mss(flow, output.linkMtu(ip));
    }

    private int mss(final TcpFlow flow, final int mtu) {
        final int mss = mtu == 0 ? UNKNOWN_MSS : mtu - flow.headers(encapsulation);
        return Math.max(1, Math.min(mss, bufferMss - (flow.remoteUdpPort == 0 ? 0 : UdpView.LENGTH)));
    }
}
