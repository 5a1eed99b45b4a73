package io.millrace.bench.ping;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.serve.AddressTrial;
import io.millrace.stack.Stack;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.icmp.EchoReply;
import io.millrace.stack.socket.icmp.PingHandler;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongSupplier;

/** Sends what a session wants to be sent, and tells it what comes back. Belongs to the thread that polls the stack. */
final class Pinger implements AutoCloseable {
    /** An address of ours may have to be checked first whether somebody else has it (RFC 4862, RFC 5227). */
    private static final long ADDRESS_MICROS = 8_000_000;

    private final Stack stack;
    private final PingSession session;
    private final PingSettings settings;
    private final LongSupplier clock;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment data;
    private final PingSocket<?> socket;
    private final SendOptions sendOptions = new SendOptions();
    private final long opened;

    /**
     * Opens the socket.
     *
     * @param clock microseconds, the same as the stack is polled with
     */
    Pinger(Stack stack, PingSession session, PingSettings settings, LongSupplier clock) {
        this.stack = stack;
        this.session = session;
        this.settings = settings;
        this.clock = clock;
        this.opened = clock.getAsLong();
        this.data = arena.allocate(Math.max(1, settings.size()));
        for (int i = 0; i < settings.size(); i++) {
            data.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
        this.socket = stack.ping(settings.target(), new PingHandler() {
            @Override
            public void onReply(PingSocket<?> asked, EchoReply reply) {
                replied(reply);
            }

            @Override
            public void onError(PingSocket<?> asked, IcmpErrorRepr error) {
                final boolean v4 = error.family == IpFamily.V4;
                session.errorReported(
                        error.echoSequence,
                        IpAddress.of(error.family, error.reporterHi, error.reporterLo),
                        PingText.error(v4, error.type, error.code, error.mtu));
            }
        });
    }

    /** Sets the TTL or hop limit of requests, 1 to 255. */
    void hopLimit(int limit) {
        socket.hopLimit(limit);
    }

    /** Sets the flow label of requests over IPv6, or lets the stack choose one. */
    void flowLabel(int label) {
        socket.settings().flowLabel(label);
    }

    /** Sets whether requests that are too long for their path are refused; otherwise they go in fragments. */
    void dontFragment(boolean refuse) {
        socket.settings().dontFragment(refuse);
    }

    /** Sets the address of ours that requests come from. */
    void source(IpAddress address) {
        sendOptions.sourceHi = address.hi();
        sendOptions.sourceLo = address.lo();
    }

    /** Sets the interface that requests leave by, an index within the stack. */
    void leaveBy(int interfaceIndex) {
        sendOptions.interfaceIndex = interfaceIndex;
    }

    /**
     * Sends a request if one is due.
     *
     * @return whether something was done
     */
    boolean poll(long now) {
        if (!session.wantsToSend(now) || (session.nextNumber() == 1 && now - opened < ADDRESS_MICROS && isChecking())) {
            return false;
        }
        switch (socket.send((int) session.nextNumber() & 0xFFFF, data, 0, settings.size(), sendOptions)) {
            case IpOutput.SENT -> session.sent(now);
            case IpOutput.TOO_BIG -> session.refused(tooLong(), now);
            case IpOutput.NO_ROUTE -> {
                if (session.nextNumber() == 1 && now - opened < ADDRESS_MICROS) {
                    return false; // our address may not be ready
                }
                if (session.nextNumber() == 1) {
                    throw new UserErrorException(
                            settings.target() + ": the network is unreachable from our addresses; name a router with"
                                    + " --gateway, or an address in the target's network with --address");
                }
                session.refused("network is unreachable", now);
            }
            default -> {
                return false; // full: again at the next poll
            }
        }
        return true;
    }

    private String tooLong() {
        final int mtu = stack.pathMtu(settings.target().address());
        return mtu > 0 ? "message too long, mtu=" + mtu : "message too long";
    }

    /** Whether a peer may not answer yet. */
    private boolean isChecking() {
        return settings.target().address().family() == IpFamily.V6 && AddressTrial.isOn(stack);
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }

    private void replied(EchoReply reply) {
        session.replied(
                reply.sequence(),
                reply.length(),
                reply.hopLimit(),
                reply.source(),
                wrongByte(reply),
                clock.getAsLong());
    }

    private int wrongByte(EchoReply reply) {
        final int length = Math.min(reply.length(), settings.size());
        return (int) MemorySegment.mismatch(data, 0, length, reply.memory(), reply.offset(), reply.offset() + length);
    }
}
