package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One end of a transfer both ways: sends so many random bytes, closes, and digests what it receives. */
final class TcpPeer implements TcpHandler {
    private static final int BLOCK = 16 * 1024;

    final MessageDigest sentDigest = sha256();
    final MessageDigest receivedDigest = sha256();
    long received;
    int connectedCalls;
    int closedCalls;

    @Nullable
    CloseReason reason;

    @Nullable
    TcpSocket<?> socket;

    private final MemorySegment block = Arena.ofAuto().allocate(BLOCK);
    private final byte[] bytes = new byte[BLOCK];
    private final SplittableRandom random;
    private long toSend;
    private int blockFrom;
    private int blockLeft;

    TcpPeer(final long toSend, final long seed) {
        this.toSend = toSend;
        this.random = new SplittableRandom(seed);
    }

    @Override
    public void onConnected(final TcpSocket<?> connected) {
        socket = connected;
        connectedCalls++;
        fill(connected);
    }

    @Override
    public void onReadable(final TcpSocket<?> readable) {
        for (int span = readable.readSpan(); span > 0; span = readable.readSpan()) {
            receivedDigest.update(
                    readable.readMemory().asSlice(readable.readOffset(), span).asByteBuffer());
            received += span;
            readable.consume(span);
        }
    }

    @Override
    public void onWritable(final TcpSocket<?> writable) {
        fill(writable);
    }

    @Override
    public void onClosed(final TcpSocket<?> closed, final CloseReason why) {
        closedCalls++;
        reason = why;
    }

    /** Checks that all that it sent arrived at the other end, and that its own was closed in order. */
    void assertArrived(final TcpPeer other) {
        assertEquals(sent(), other.received());
        assertEquals(CloseReason.NORMAL, reason);
    }

    String sent() {
        return HexFormat.of().formatHex(sentDigest.digest());
    }

    String received() {
        return HexFormat.of().formatHex(receivedDigest.digest());
    }

    private void fill(final TcpSocket<?> target) {
        while (toSend > 0 || blockLeft > 0) {
            if (blockLeft == 0) {
                nextBlock();
            }
            final int taken = target.send(block, blockFrom, blockLeft);
            if (taken < 0) {
                return;
            }
            blockFrom += taken;
            blockLeft -= taken;
            if (blockLeft > 0) {
                return;
            }
        }
        target.close();
    }

    private void nextBlock() {
        random.nextBytes(bytes);
        blockFrom = 0;
        blockLeft = (int) Math.min(BLOCK, toSend);
        toSend -= blockLeft;
        MemorySegment.copy(bytes, 0, block, ValueLayout.JAVA_BYTE, 0, blockLeft);
        sentDigest.update(bytes, 0, blockLeft);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
