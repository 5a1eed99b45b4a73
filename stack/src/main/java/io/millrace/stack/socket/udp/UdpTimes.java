package io.millrace.stack.socket.udp;

import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.SendStageHandler;
import io.millrace.stack.socket.StageQueue;
import io.millrace.stack.socket.TransmitWatcher;
import org.jspecify.annotations.Nullable;

/**
 * What a UDP socket tells of when its datagrams were sent: SO_TIMESTAMPING; {@link UdpSocket#times()} gives it. Datagrams
 * that are asked for have numbers, from 0; of several that one call sends it is the last, of one in fragments the first
 * fragment. Stages are {@link SendStage#SCHEDULED} and {@link SendStage#SENT}. Received datagrams have their time
 * always, see {@link io.millrace.stack.socket.ReceivedPacket#timestamp()}. Belongs to the thread of its stack.
 */
public final class UdpTimes {
    private final UdpEngine engine;
    private final TransmitWatcher watcher = (number, end, now) -> told(SendStage.SENT, number, now);
    private int stages;
    private long asked;
    private @Nullable SendStageHandler handler;

    UdpTimes(final UdpEngine engine) {
        this.engine = engine;
    }

    /** Which stages are told of for every datagram that does not say otherwise; bits. */
    public int stages() {
        return stages;
    }

    /**
     * Sets {@link #stages()}; {@link SendOptions#stages} is for single datagrams.
     *
     * @param bits of {@link SendStage#bit()}; that of ACKNOWLEDGED means nothing here
     * @throws IllegalArgumentException if there are others
     */
    public UdpTimes stages(final int bits) {
        stages = SendStage.check(bits);
        return this;
    }

    /** Sets who is told; null for nobody, which is so at first. */
    public UdpTimes handler(final @Nullable SendStageHandler newHandler) {
        handler = newHandler;
        return this;
    }

    /** Whether there is a {@link #handler}. */
    public boolean isTold() {
        return handler != null;
    }

    /** How many datagrams were asked for: the number of the next one. */
    public long asked() {
        return asked;
    }

    /** The stages that a datagram is asked for. */
    int stages(final @Nullable SendOptions options) {
        final int wanted = options == null || options.stages == SendOptions.UNSET ? stages : options.stages;
        return handler == null ? SendStage.NONE : wanted & ~SendStage.ACKNOWLEDGED.bit();
    }

    /** A packet was made, and is handed on. */
    void onPacket(final IpOutput output, final long handle, final int wanted) {
        final long number = asked++;
        if (SendStage.SCHEDULED.isIn(wanted)) {
            told(SendStage.SCHEDULED, number, engine.now());
        }
        if (SendStage.SENT.isIn(wanted)) {
            output.watch(handle, watcher, number, number + 1);
        }
    }

    private void told(final SendStage stage, final long number, final long now) {
        engine.stages().add(this, stage.ordinal(), number, now);
    }

    /** Tells of an event of {@link StageQueue}. */
    void tell(final int kind, final long number, final long micros) {
        final SendStageHandler told = handler;
        if (told != null) {
            told.onSendStage(SendStage.of(kind), number, micros);
        }
    }
}
