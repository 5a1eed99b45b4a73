package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.SendStage;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection as the application sees it. No method blocks. Bytes go in and out by copy, with {@link #send} and
 * {@link #receive}, or in place, through spans of the connection's own buffers; a span is good until the stack is polled
 * again or another method of this socket is called.
 *
 * <p>Belongs to the thread of its stack.
 *
 * @param <A> family of its addresses
 */
public final class TcpSocket<A extends IpAddress> {
    private final TcpConnection c;
    private TcpHandler handler;
    private @Nullable Object attachment;

    TcpSocket(final TcpConnection connection, final TcpHandler handler) {
        this.c = connection;
        this.handler = handler;
    }

    /** Our end. Makes a new object. */
    @SuppressWarnings("unchecked") // connections are made from endpoints, or in answer to packets, of family A
    public Endpoint<A> local() {
        return new Endpoint<>((A) IpAddress.of(c.family, c.localHi, c.localLo), c.localPort());
    }

    /** The peer's end. Makes a new object. */
    @SuppressWarnings("unchecked") // as above
    public Endpoint<A> remote() {
        return new Endpoint<>((A) IpAddress.of(c.family, c.remoteHi, c.remoteLo), c.remotePort());
    }

    /** The state of RFC 9293. */
    public TcpState state() {
        return c.state;
    }

    /**
     * Queues bytes to be sent. They may be queued before the connection is established.
     *
     * @param source where they are, native memory
     * @param offset of the first
     * @param length how many, 0 or more
     * @return how many were taken; 0 if the buffer is full, {@link TcpHandler#onWritable} then tells when it is not; -1
     *     if this side was closed or the connection is over
     * @throws IndexOutOfBoundsException if they are not all there; nothing is queued then
     */
    public int send(final MemorySegment source, final long offset, final int length) {
        return send(source, offset, length, false);
    }

    /**
     * Queues bytes to be sent, and says whether others follow; otherwise as without.
     *
     * @param more whether more follows soon: a segment that is not full waits for it, even without Nagle's algorithm,
     *     until something is sent without saying so, an acknowledgment comes, or that takes too long. MSG_MORE.
     */
    public int send(final MemorySegment source, final long offset, final int length, final boolean more) {
        if (!canSend()) {
            return -1;
        }
        requireInside(source, offset, length);
        final int taken = append(source, offset, length, more);
        if (taken > 0 && c.options != null) {
            TcpTimes.queued(c);
        }
        return taken;
    }

    /** Looked at before anything changes. */
    private static void requireInside(final MemorySegment memory, final long offset, final int length) {
        Objects.checkFromIndexSize(offset, /* size= */ length, /* length= */ memory.byteSize());
    }

    private int append(final MemorySegment source, final long offset, final int length, final boolean more) {
        c.hold(TcpConnection.MORE_FOLLOWS | TcpConnection.UNPUSHED, more);
        final int wanted = Math.min(length, c.writable());
        final int taken = wanted == 0 ? 0 : c.transmit().append(source, offset, wanted);
        if (taken < length) {
            c.wantsWrite = true;
            if (taken < wanted) {
                c.engine.events.addStarved(c);
            }
        }
        if (taken > 0) {
            c.engine.ready(c);
        }
        return taken;
    }

    /**
     * Bytes that our SYN will take along by Fast Open if they are queued before it is sent, which the next poll does.
     *
     * @return -1 if it takes none: {@link TcpOptions#fastOpenConnect()} is off, no cookie is known, or it was sent
     */
    public int synRoom() {
        return c.engine.fastOpen.client.room(c, c.engine.now());
    }

    /** Lets our SYN wait until something is queued that it can take along. Harmless once it was sent. */
    public void awaitSynData() {
        c.hold(TcpConnection.SYN_WAITS, true);
    }

    /** Lets our SYN wait no longer. */
    public void releaseSyn() {
        c.hold(TcpConnection.SYN_WAITS, false);
        c.engine.ready(c);
    }

    /**
     * Ends a record: what is queued from now on is in no segment with what was queued before, and the last of that is
     * pushed. A receiver must not rely on it, as segments may be joined on the way (RFC 9293 section 3.9.1.2 has no
     * records); this is for whoever looks at segments. What follows a record that waits for an acknowledgment lets it go, in
     * spite of Nagle's algorithm. At most 1024 records end in what is not acknowledged, others are one with what follows.
     * MSG_EOR.
     */
    public void endRecord() {
        if (canSend() && c.queued() > 0) {
            final Transfer transfer = c.transfer();
            RecordEnds records = transfer.records;
            if (records == null) {
                records = new RecordEnds();
                transfer.records = records;
            }
            records.add(transfer.transmit.tail(), transfer.transmit.head());
        }
    }

    /**
     * Asks {@link TcpHandler#onSendStage} to tell of the last byte that is queued: right after a send, for that one.
     * SO_TIMESTAMPING as a control message. At most 1024 such bytes that are not acknowledged are kept in mind, more are
     * counted as {@code sendStagesLost}. Nothing happens if nothing is queued.
     *
     * @param stages bits of {@link SendStage#bit()}
     * @return the position that is told; -1 if nothing is queued
     * @throws IllegalArgumentException if there are other bits
     */
    public long stamp(final int stages) {
        SendStage.check(stages);
        final SendMarks marks = options().times().marks();
        if (marks == null || c.queued() == 0) {
            return -1;
        }
        marks.add(stages);
        return c.transmit().tail() - 1;
    }

    /** Bytes queued since the connection began: the position of the next one. */
    public long queuedInAll() {
        return acknowledged() + c.queued();
    }

    /** Bytes that the peer acknowledged since the connection began. */
    public long acknowledged() {
        final Transfer transfer = c.transferOrNull();
        return transfer == null ? c.transmitted : transfer.transmit.head();
    }

    /**
     * When the byte came that was read last, microseconds: the time of the poll in which it was received, in order.
     *
     * @return {@link TcpTimes#UNKNOWN} if none was read since {@link TcpTimes#receives()} was set, or it is not
     */
    public long receivedAt() {
        return TcpTimes.receivedAt(c);
    }

    /**
     * Calls all that is queued and not acknowledged urgent, up to its last byte: segments say so until that is
     * acknowledged, the next one already, even if the peer's window is closed. MSG_OOB. For protocols that have it, such as
     * Telnet; new ones should do without (RFC 6093 section 5). Nothing happens if nothing is queued.
     */
    public void markUrgent() {
        if (canSend() && c.queued() > 0) {
            Urgent.mark(c);
            c.ackNow |= c.state.isSynchronized();
            c.engine.ready(c);
        }
    }

    /**
     * Bytes from the next one to be read up to the last one that the peer calls urgent, that included; 0 if nothing is. They
     * are read in line with all others, and some may still be on their way (RFC 9293 section 3.8.5, RFC 6093 section 6).
     */
    public int urgentLeft() {
        return Urgent.left(c);
    }

    /**
     * Queues several pieces, one behind the other, as {@code writev} does: none of them is sent before all are queued.
     *
     * @param sources where they are, native memory
     * @param offsets of the first byte of each
     * @param lengths how many bytes of each, 0 or more
     * @param from the first piece
     * @param count how many pieces
     * @return how many bytes were taken in all, which may end within a piece; otherwise as {@link #send}
     */
    public int sendGather(
            final MemorySegment[] sources, final long[] offsets, final int[] lengths, final int from, final int count) {
        if (!canSend()) {
            return count > 0 ? -1 : 0;
        }
        for (int i = from; i < from + count; i++) {
            requireInside(sources[i], offsets[i], lengths[i]);
        }
        int total = 0;
        for (int i = from; i < from + count; i++) {
            final int taken = append(sources[i], offsets[i], lengths[i], false);
            total += taken;
            if (taken < lengths[i]) {
                break;
            }
        }
        if (total > 0 && c.options != null) {
            TcpTimes.queued(c);
        }
        return total;
    }

    /**
     * Reads bytes.
     *
     * @param target where to, native memory
     * @param offset of the first
     * @param length how many at most
     * @return how many; 0 if there are none yet; -1 if none will come any more
     * @throws IndexOutOfBoundsException if there is no room for so many; nothing is read then
     */
    public int receive(final MemorySegment target, final long offset, final int length) {
        final int count = peek(target, offset, length);
        if (count > 0) {
            consume(count);
        }
        return count;
    }

    /**
     * Copies unread bytes, which stay unread.
     *
     * @param target where to, native memory
     * @param offset of the first
     * @param length how many at most
     * @return how many; 0 if there are none yet; -1 if none will come any more
     * @throws IndexOutOfBoundsException if there is no room for so many
     */
    public int peek(final MemorySegment target, final long offset, final int length) {
        requireInside(target, offset, length);
        final int available = c.unread();
        if (available == 0) {
            return finished() || c.state == TcpState.CLOSED ? -1 : 0;
        }
        final int count = Math.min(length, available);
        c.receive().copyTo(c.receive().head(), target, offset, count);
        return count;
    }

    /** Memory that {@link #readOffset()} refers to. */
    public MemorySegment readMemory() {
        return c.engine.chunks.memory();
    }

    /** Offset of the first unread byte; 0 if there is none. */
    public long readOffset() {
        return c.unread() == 0 ? 0 : c.receive().readOffset();
    }

    /** Unread bytes that lie together; 0 if there are none. There may be more behind them once these are consumed. */
    public int readSpan() {
        return c.unread() == 0 ? 0 : c.receive().readSpan();
    }

    /**
     * Marks bytes as read.
     *
     * @param count 0 to {@link #readable()}
     * @throws IllegalArgumentException if it is none of these
     */
    public void consume(final int count) {
        if (count < 0 || count > c.unread()) {
            throw new IllegalArgumentException("consume " + count + " bytes; " + c.unread() + " can be read");
        }
        if (count > 0) {
            c.receive().release(count);
            if (c.options != null) {
                TcpTimes.consumed(c, c.receive().head());
            }
        }
        c.engine.consumed(c);
    }

    /** Memory that {@link #writeOffset()} refers to. */
    public MemorySegment writeMemory() {
        return c.engine.chunks.memory();
    }

    /** Offset of the first byte of the span; only after {@link #writeSpan()} returned more than 0. */
    public long writeOffset() {
        return c.transmit().writeOffset();
    }

    /**
     * Prepares memory to write to in place.
     *
     * @return how many bytes may be written from {@link #writeOffset()} on and then {@linkplain #commit committed}; 0 if
     *     the buffer is full, {@link TcpHandler#onWritable} then tells when it is not, or if nothing may be sent any more
     */
    public int writeSpan() {
        final int free = c.writable();
        if (free == 0) {
            c.wantsWrite = canSend();
            return 0;
        }
        final int span = c.transmit().writeSpan(free);
        if (span == 0) {
            c.wantsWrite = true;
            c.engine.events.addStarved(c);
        }
        return span;
    }

    /**
     * Queues bytes that were written in place.
     *
     * @param count 0 to the last {@link #writeSpan()}; 0 only if this side was closed meanwhile
     * @throws IllegalArgumentException if it is none of these
     */
    public void commit(final int count) {
        // The chunk of the span may have made memory scarce, and the buffer smaller than it was.
        final int prepared = canSend() ? c.transmit().prepared() : 0;
        if (count < 0 || count > prepared) {
            throw new IllegalArgumentException("commit " + count + " bytes; there is room for " + prepared);
        }
        if (count > 0) {
            c.transmit().commit(count);
            if (c.options != null) {
                TcpTimes.queued(c);
            }
        }
        c.engine.ready(c);
    }

    /** Bytes that can be read now. */
    public int readable() {
        return c.unread();
    }

    /** Whether there is as much to read as {@link TcpOptions#receiveLowWater()} asks for, or the peer closed its side. */
    public boolean readReady() {
        return c.peerFinReceived || (c.unread() > 0 && c.readDue());
    }

    /** Bytes that fit into the send buffer now; 0 too if nothing may be sent any more. */
    public int writable() {
        return c.writable();
    }

    /** Bytes sent or queued that the peer has not acknowledged. */
    public int unacknowledged() {
        return c.queued();
    }

    /** Whether the peer closed its side and all that it sent was read. */
    public boolean finished() {
        return c.peerFinReceived && c.unread() == 0;
    }

    /**
     * Closes our side once all queued bytes are sent: RFC 9293's CLOSE. What the peer still sends can be read, until it
     * closes or was silent for {@link TcpOptions#finWait2()}. Harmless when called again.
     */
    public void close() {
        c.engine.closing.close(c);
    }

    /**
     * Closes our side as {@link #close()} does, for an application that goes on reading: the peer may take as long as it
     * likes. Keep-alives find out whether it is still there.
     */
    public void shutdownOutput() {
        c.engine.closing.shutdownOutput(c);
    }

    /**
     * Closes both sides, as {@code close(2)} does: our FIN follows what is queued, and whatever the peer still sends is
     * answered with a reset, which ends the connection. So does what is unread already (RFC 1122 section 4.2.2.13).
     */
    public void closeBoth() {
        if (readable() > 0) {
            c.engine.closing.discard(c);
        } else {
            c.engine.closing.closeBoth(c);
        }
    }

    /**
     * Refuses what the peer sends from now on: text is answered with a reset, which ends the connection (RFC 1122 section
     * 4.2.2.13). For whoever closed our side and will not read what is still to come; what has arrived can be
     * read all the same.
     */
    public void refuseText() {
        c.hold(TcpConnection.REFUSES_TEXT, true);
    }

    /**
     * The last ICMP error that said that the peer cannot be reached: type and code, a byte each, as its family numbers
     * them; 0 if there was none since the peer was heard. It is what {@link CloseReason#UNREACHABLE} stands for.
     */
    public int icmpError() {
        return c.reported() & ~Hindrances.REPORTED;
    }

    /**
     * Ends the connection at once and tells the peer with a reset: RFC 9293 section 3.10.5. What is queued or unread is
     * lost.
     */
    public void abort() {
        c.engine.closing.abort(c);
    }

    /** Bytes that {@link #takeSyn()} would return; 0 for none. */
    public int synLength() {
        final byte[] kept = ArrivedSegment.kept(c);
        return kept == null ? 0 : kept.length;
    }

    /**
     * The headers of the SYN that began this connection, as they came, in network byte order: TCP_SAVED_SYN. They are
     * given once, and not kept after that.
     *
     * @return null if they were given, or {@link TcpListener#saveSyn()} did not have them kept
     */
    public byte @Nullable [] takeSyn() {
        return ArrivedSegment.take(c);
    }

    /** What can be set for this connection alone. */
    public TcpOptions options() {
        return c.ownOptions();
    }

    /** Fills in what the connection looks like inside. */
    public TcpInfo info(final TcpInfo into) {
        into.fill(c);
        return into;
    }

    /** Who is told of this connection's events from now on. */
    public void handler(final TcpHandler value) {
        handler = value;
    }

    /** Who is told of this connection's events. */
    public TcpHandler handler() {
        return handler;
    }

    /** Whatever the application has attached, or null. */
    public @Nullable Object attachment() {
        return attachment;
    }

    /** Attaches an object of the application's to this connection. */
    public void attachment(final @Nullable Object value) {
        attachment = value;
    }

    /** For a person: both ends and the state. */
    @Override
    public String toString() {
        return local() + " - " + remote() + " " + c.state;
    }

    private boolean canSend() {
        return c.state.canQueue() && !c.finQueued;
    }
}
