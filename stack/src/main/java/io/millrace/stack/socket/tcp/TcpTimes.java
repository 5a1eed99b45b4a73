package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.SendStage;
import org.jspecify.annotations.Nullable;

/**
 * What a connection tells of when its bytes were sent, acknowledged and received: SO_TIMESTAMPING; {@link
 * TcpOptions#times()} gives it. Nothing unless it is set, and what is set holds for what is sent or received from then on.
 * Bytes are numbered from 0, the first one of the connection in either direction. Of sends that share a segment each is
 * told, where Linux tells of the last. Belongs to the thread of its stack.
 *
 * <pre>{@code
 * socket.options().times().stages(SendStage.ALL);
 * socket.send(request, 0, length); // TcpHandler.onSendStage is called three times, about its last byte
 * }</pre>
 */
public final class TcpTimes {
    /** In place of a time that is not known. */
    public static final long UNKNOWN = -1;

    /** Kind of an event beside those of {@link SendStage}: the peer acknowledged more. */
    static final int PROGRESS = SendStage.ACKNOWLEDGED.ordinal() + 1;

    /** Null for what a listener hands on. */
    private final @Nullable TcpConnection c;

    private final @Nullable SendMarks marks;
    private int stages;
    private boolean acknowledgments;
    private @Nullable ReceiveTimes receiveTimes;
    private boolean receives;
    /** That more was acknowledged is to be told, and waits for the next poll. */
    private boolean progressQueued;
    /** The application was told of the end, which is the last that it hears. */
    private boolean over;

    TcpTimes(final @Nullable TcpConnection c) {
        this.c = c;
        this.marks = c == null ? null : new SendMarks(c);
    }

    /** What an accepted connection begins with. */
    static @Nullable TcpTimes handOn(final @Nullable TcpTimes from, final TcpConnection child) {
        return from == null
                ? null
                : new TcpTimes(child)
                        .stages(from.stages)
                        .acknowledgments(from.acknowledgments)
                        .receives(from.receives);
    }

    /** Of a connection; null if nobody asked for any. */
    static @Nullable TcpTimes of(final TcpConnection c) {
        final TcpOptions options = c.options;
        return options == null ? null : options.timesOrNull();
    }

    /** The bytes of a connection whose times were asked for; null if none were. */
    static @Nullable SendMarks marks(final TcpConnection c) {
        final TcpTimes times = of(c);
        return times == null ? null : times.marks;
    }

    /** The bytes whose times were asked for; null of a listener. */
    @Nullable
    SendMarks marks() {
        return marks;
    }

    /** Of which stages {@link TcpHandler#onSendStage} tells, for the last byte of everything that is sent; bits. */
    public int stages() {
        return stages;
    }

    /**
     * Sets {@link #stages()}. {@link TcpSocket#stamp} asks for single sends.
     *
     * @param bits of {@link SendStage#bit()}, {@link SendStage#ALL} or {@link SendStage#NONE}
     * @throws IllegalArgumentException if there are others
     */
    public TcpTimes stages(final int bits) {
        stages = SendStage.check(bits);
        return this;
    }

    /** Whether {@link TcpHandler#onAcknowledged} is called. */
    public boolean acknowledgments() {
        return acknowledgments;
    }

    /** Sets {@link #acknowledgments()}. */
    public TcpTimes acknowledgments(final boolean value) {
        acknowledgments = value;
        return this;
    }

    /** Whether {@link TcpSocket#receivedAt()} is known. */
    public boolean receives() {
        return receives;
    }

    /** Sets {@link #receives()}. */
    public TcpTimes receives(final boolean value) {
        receives = value;
        receiveTimes = value && c != null ? receiveTimes == null ? new ReceiveTimes() : receiveTimes : null;
        return this;
    }

    /** Something was queued in one call. */
    static void queued(final TcpConnection c) {
        final TcpTimes times = of(c);
        if (times != null && times.stages != 0 && times.marks != null) {
            times.marks.add(times.stages);
        }
    }

    /** The peer acknowledged bytes, all before {@code position}. */
    static void acknowledged(final TcpConnection c, final long position, final long now) {
        final TcpTimes times = of(c);
        if (times == null) {
            return;
        }
        if (times.marks != null) {
            times.marks.acknowledged(position, now);
        }
        if (times.acknowledgments && !times.progressQueued) {
            times.progressQueued = c.engine.stages.add(c, PROGRESS, position, now);
        }
    }

    /** Bytes came in order, all before {@code end}. */
    static void received(final TcpConnection c, final long end, final long now) {
        final TcpTimes times = of(c);
        if (times != null && times.receiveTimes != null) {
            times.receiveTimes.add(end, now);
        }
    }

    /** The application read, all before {@code position}. */
    static void consumed(final TcpConnection c, final long position) {
        final TcpTimes times = of(c);
        if (times != null && times.receiveTimes != null) {
            times.receiveTimes.consumed(position);
        }
    }

    /** When the byte came that was read last. */
    static long receivedAt(final TcpConnection c) {
        final TcpTimes times = of(c);
        return times == null || times.receiveTimes == null ? UNKNOWN : times.receiveTimes.last();
    }

    /** The application hears nothing more. */
    static void end(final TcpConnection c) {
        final TcpTimes times = of(c);
        if (times != null) {
            times.over = true;
        }
    }

    /** Tells the application of an event of {@link io.millrace.stack.socket.StageQueue}. */
    static void tell(final TcpConnection c, final int kind, final long position, final long micros) {
        final TcpTimes times = of(c);
        if (times == null || times.over) {
            return;
        }
        final TcpSocket<?> socket = c.socket();
        if (kind == PROGRESS) {
            times.progressQueued = false;
            socket.handler().onAcknowledged(socket, socket.acknowledged());
        } else {
            socket.handler().onSendStage(socket, SendStage.of(kind), position, micros);
        }
    }
}
