package io.millrace.stack.pair;

import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.testkit.ByteStream;
import io.millrace.testkit.Frames;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One side of a connection between two ends of ours: writes, reads, sleeps, changes options and closes as it likes. */
final class PairApplication implements TcpHandler {
    private static final int BLOCK = 32 * 1024;
    private static final long HOUR = 3_600_000_000L;
    private static final int NEVER = Integer.MAX_VALUE;

    /** How it ends. */
    enum Ending {
        CLOSE,
        SHUTDOWN,
        LINGER,
        // From here on the peer may not get everything, and hears of that.
        CLOSE_BOTH,
        SHORT_LINGER,
        ABORT;

        boolean isRude() {
            return compareTo(CLOSE_BOTH) >= 0;
        }
    }

    final String name;
    final int toSend;
    final Ending ending;

    int written;
    int read;
    boolean closed;
    private boolean connected;

    @Nullable
    TcpSocket<?> socket;

    @Nullable
    CloseReason reason;

    private final PairRound round;
    private final PairConnection connection;
    private final SplittableRandom random;
    private final MemorySegment memory = Arena.ofAuto().allocate(BLOCK);
    private final MemorySegment[] pieces = {memory, memory, memory};
    private final long[] offsets = new long[3];
    private final int[] lengths = new int[3];
    /** Acts only when it is told of something, once both behave. */
    private final boolean driven;
    /** Closes only after its peer did. */
    private final boolean closesLast;

    private boolean behaves;
    /** Things to do before it reads again. */
    private int sleep;

    PairApplication(final PairRound round, final PairConnection connection, final boolean client, final int toSend) {
        this.round = round;
        this.connection = connection;
        this.random = round.random;
        this.name = (client ? "client " : "server ") + connection.index;
        this.toSend = toSend;
        this.driven = random.nextBoolean();
        this.closesLast = !client && random.nextInt(3) == 0;
        final Ending[] endings = Ending.values();
        this.ending = endings[round.drawn.rude ? random.nextInt(endings.length) : random.nextInt(3)];
        this.sleep = random.nextInt(3) == 0 ? random.nextInt(100) : 0;
    }

    boolean over() {
        return reason != null;
    }

    /** Bytes that the peer acknowledged. */
    long acknowledged() {
        return socket == null || over() ? written : socket.acknowledged();
    }

    /** Whether it is on the side that connects. */
    boolean isClient() {
        return connection.client == this;
    }

    /** Says something, perhaps in its SYN. */
    void writeFirst() {
        final TcpSocket<?> s = socket;
        if (s != null) {
            write(s, 1 + random.nextInt(2000));
        }
    }

    /** Does something. */
    void act() {
        final TcpSocket<?> s = socket;
        if (s == null || over()) {
            return;
        }
        sleep--;
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3, 4 -> write(s, 1 + random.nextInt(1 << random.nextInt(1, 15)));
            case 5 -> new PairOptions(random).change(s.options(), this::tell);
            case 6 -> sleep = random.nextInt(10) == 0 ? NEVER : random.nextInt(30);
            case 7 -> urge(s);
            case 8 -> {
                if (random.nextInt(10) == 0 && connected) {
                    end(s);
                }
            }
            default -> {
                if (sleep <= 0) {
                    read(s, random.nextBoolean() ? BLOCK : 1 + random.nextInt(2000));
                }
            }
        }
    }

    private void urge(final TcpSocket<?> s) {
        if (random.nextInt(3) == 0) {
            tell("urgent", written);
            s.markUrgent();
        } else {
            s.endRecord();
        }
    }

    private void tell(final String what, final Object value) {
        round.tell(name + " " + what, value);
    }

    /** From now on it reads and writes all it can, and closes. */
    void behave() {
        behaves = true;
        sleep = 0;
        final TcpSocket<?> s = socket;
        if (s != null && !over()) {
            PairOptions.calm(s.options(), round.drawn.rude);
            proceed(s);
        }
    }

    /** Does what there is to do, unless it waits to be told. */
    void poll() {
        final TcpSocket<?> s = socket;
        if (s != null && !over() && !driven) {
            proceed(s);
        }
    }

    private void proceed(final TcpSocket<?> s) {
        while (read(s, BLOCK)) {
            // on
        }
        while (!over() && write(s, BLOCK)) {
            // on
        }
        if (!closed && connected && written == toSend && (!closesLast || s.finished())) {
            end(s);
        }
    }

    private boolean write(final TcpSocket<?> s, final int most) {
        final int length = Math.min(most, closed ? 0 : toSend - written);
        if (length == 0) {
            return false;
        }
        final int taken = switch (random.nextInt(4)) {
            case 0 -> inPlace(s, length);
            case 1 -> gather(s, length);
            case 2 -> {
                ByteStream.fill(connection.stream(this), written, memory, 0, length);
                yield s.send(memory, 0, length, random.nextBoolean());
            }
            default -> {
                ByteStream.fill(connection.stream(this), written, memory, 0, length);
                yield s.send(memory, 0, length);
            }
        };
        round.promise(
                taken >= 0 || connection.isRude() || round.over(),
                "takes what is written",
                () -> name + " was refused in state " + s.state());
        if (taken > 0) {
            tell("writes", taken);
        }
        written += Math.max(0, taken);
        return taken > 0;
    }

    private int gather(final TcpSocket<?> s, final int length) {
        final int first = random.nextInt(length + 1);
        final int second = random.nextInt(length - first + 1);
        lengths[0] = first;
        lengths[1] = second;
        lengths[2] = length - first - second;
        offsets[1] = first;
        offsets[2] = (long) first + second;
        ByteStream.fill(connection.stream(this), written, memory, 0, length);
        return s.sendGather(pieces, offsets, lengths, 0, 3);
    }

    private int inPlace(final TcpSocket<?> s, final int length) {
        final int count = Math.min(length, s.writeSpan());
        if (count > 0) {
            ByteStream.fill(connection.stream(this), written, s.writeMemory(), s.writeOffset(), count);
            s.commit(count);
        }
        return count;
    }

    /** Returns whether there may be more. */
    private boolean read(final TcpSocket<?> s, final int most) {
        if (over()) {
            return false;
        }
        final int count;
        final byte[] bytes;
        if (random.nextBoolean()) {
            count = Math.min(most, s.readSpan());
            bytes = Frames.bytes(s.readMemory(), s.readOffset(), count);
            s.consume(count);
        } else {
            count = s.receive(memory, 0, Math.min(most, BLOCK));
            bytes = Frames.bytes(memory, 0, Math.max(0, count));
        }
        if (count > 0) {
            tell("reads", count);
            final int same = ByteStream.same(connection.stream(connection.other(this)), read, bytes);
            round.promise(same == count, "delivers what was sent", () -> name + " got another byte " + (read + same));
            read += count;
        }
        return count > 0;
    }

    private void end(final TcpSocket<?> s) {
        if (closed) {
            return;
        }
        closed = true;
        tell("ends by", ending);
        final TcpOptions options = s.options();
        options.cork(false);
        switch (ending) {
            case CLOSE -> s.close();
            case SHUTDOWN -> s.shutdownOutput();
            case LINGER -> {
                options.linger(HOUR);
                s.close();
            }
            case CLOSE_BOTH -> s.closeBoth();
            case SHORT_LINGER -> {
                options.linger(random.nextInt(2_000_000));
                s.close();
            }
            case ABORT -> s.abort();
        }
    }

    @Override
    public void onConnected(final TcpSocket<?> opened) {
        tell("is", opened.toString());
        connected = true;
        if (written == 0) {
            writeFirst(); // a cookie that got lost comes again with it
        }
        told(opened);
    }

    @Override
    public void onReadable(final TcpSocket<?> readable) {
        told(readable);
    }

    @Override
    public void onWritable(final TcpSocket<?> writable) {
        told(writable);
    }

    @Override
    public void onUrgent(final TcpSocket<?> urged) {
        final int left = urged.urgentLeft();
        round.promise(
                left >= 0 && left <= connection.other(this).written - read,
                "calls urgent what was written",
                () -> name + ": " + left + " are left");
    }

    private void told(final TcpSocket<?> s) {
        if (behaves) {
            proceed(s);
        } else if (driven && sleep <= 0) {
            read(s, 1 + random.nextInt(BLOCK));
            write(s, 1 + random.nextInt(2000));
        }
    }

    @Override
    public void onClosed(final TcpSocket<?> over, final CloseReason why) {
        tell("is over,", why);
        while (read(over, BLOCK)) {
            // to the end
        }
        reason = why;
        final PairApplication peer = connection.other(this);
        if (!connection.isRude() && !round.over()) {
            round.promise(why == CloseReason.NORMAL, "ends in order", () -> name + " was told " + why);
            round.promise(
                    read == peer.written && peer.closed,
                    "delivers everything",
                    () -> name + " got " + read + " of " + peer.written);
        }
    }

    @Override
    public String toString() {
        return name + " wrote " + written + " of " + toSend + ", read " + read + (closed ? ", closed" : "")
                + (driven ? ", driven" : "") + (closesLast ? ", closes last" : "") + ", "
                + (over() ? String.valueOf(reason) : socket == null ? "not there" : socket.state());
    }
}
