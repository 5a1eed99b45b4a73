package io.millrace.stack.socket.tcp;

import io.millrace.testkit.ByteStream;
import io.millrace.testkit.Frames;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Writes, reads or sleeps, changes buffers and closes at random. */
final class PromiseApplication implements AutoCloseable {
    private final PromiseRound round;
    private final PromiseCase drawn;
    private final TcpSocket<?> socket;
    private final SplittableRandom random;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(65_536);
    /** Things to do before it reads again. */
    private int sleep;

    PromiseApplication(final PromiseRound round, final TcpSocket<?> socket) {
        this.round = round;
        this.drawn = round.drawn;
        this.socket = socket;
        this.random = round.random;
    }

    void act() {
        sleep--;
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> write(1 + random.nextInt(1 << random.nextInt(1, 15)));
            case 4 -> socket.options().noDelay(random.nextBoolean());
            case 5 -> socket.options().cork(random.nextBoolean());
            case 6 -> sleep = random.nextInt(30);
            case 7 -> changeBuffer();
            case 8 -> {
                if (random.nextInt(12) == 0) {
                    closeOutput();
                }
            }
            default -> {
                if (sleep <= 0 && !drawn.sleepy) {
                    read(random.nextBoolean() ? 65_536 : 1 + random.nextInt(2000));
                }
            }
        }
    }

    private void changeBuffer() {
        if (drawn.sleepy || random.nextInt(3) > 0) {
            return;
        }
        final int before = socket.options().receiveBuffer();
        final int size = Math.max(1, random.nextInt(2 * before));
        round.tell("receive buffer", size);
        if (size < before) {
            round.receiver.shrinks();
        }
        socket.options().receiveBuffer(size);
        socket.options().sendBuffer(1 + random.nextInt(65_536));
    }

    /** Reads and writes all it can, then closes; returns whether it could. */
    boolean behave() {
        sleep = 0;
        final boolean read = read(65_536);
        final boolean busy = write(65_536) || read;
        if (round.sender.written == drawn.toSend && !round.sender.closed) {
            closeOutput();
        }
        return busy;
    }

    private boolean write(final int most) {
        final SenderPromises sender = round.sender;
        final int left = sender.closed ? 0 : drawn.toSend - sender.written;
        final int length = Math.min(Math.min(left, most), socket.writable() + 1);
        ByteStream.fill(~drawn.seed, sender.written, memory, 0, length);
        final int taken = length == 0 ? 0 : socket.send(memory, 0, length);
        round.promise(taken >= 0, "takes what is written", () -> "refused it in state " + socket.state());
        if (taken > 0) {
            round.tell("write", taken);
        }
        sender.written += taken;
        return taken > 0;
    }

    private boolean read(final int most) {
        final int count = socket.receive(memory, 0, most);
        if (count > 0) {
            round.tell("read", count);
            round.receiver.onRead(Frames.bytes(memory, 0, count));
        }
        return count > 0;
    }

    private void closeOutput() {
        if (!round.sender.closed) {
            round.tell("close", "output");
            round.sender.closed = true;
            if (random.nextBoolean()) {
                socket.shutdownOutput();
            } else {
                socket.close();
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
