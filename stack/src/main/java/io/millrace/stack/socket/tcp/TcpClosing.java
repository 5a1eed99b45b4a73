package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.storage.RangeSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * How connections end: in order, by the application or by an error, and what stays of them in TIME-WAIT (RFC 9293
 * sections 3.6 and 3.10.4).
 */
final class TcpClosing {
    private final TcpEngine engine;
    private final TcpConfig config;
    /** Over for the peer, but not read to the end. */
    private final Set<TcpConnection> lingering = new LinkedHashSet<>();

    private int connections;
    private int timeWaits;

    TcpClosing(final TcpEngine engine) {
        this.engine = engine;
        this.config = engine.config;
    }

    /** Connections that have begun and not ended. */
    int connections() {
        return connections;
    }

    /** Connections in TIME-WAIT. */
    int timeWaits() {
        return timeWaits;
    }

    /** A connection begins. */
    void begin() {
        connections++;
    }

    /** The application closed its side: RFC 9293 section 3.10.4. */
    void close(final TcpConnection c) {
        if (c.settings().linger() == 0) {
            abort(c);
            return;
        }
        closeOutput(c);
        if (lingering(c)) {
            c.aliveAt = engine.now() + c.settings().linger();
            engine.timers.arm(c);
        }
    }

    /** The application closed its side, and reads on: nothing that bounds the end of a closed connection counts. */
    void shutdownOutput(final TcpConnection c) {
        c.hold(TcpConnection.READS_ON, true);
        closeOutput(c);
    }

    /** The application closed both sides: nobody would read what still comes. */
    void closeBoth(final TcpConnection c) {
        c.hold(TcpConnection.READS_ON, false);
        c.hold(TcpConnection.REFUSES_TEXT, true);
        close(c);
        if (c.state == TcpState.FIN_WAIT_2) {
            engine.timers.startFinWait2(c, engine.now());
        }
    }

    private void closeOutput(final TcpConnection c) {
        switch (c.state) {
            case SYN_SENT -> finish(c, CloseReason.ABORTED, engine.now());
            case SYN_RECEIVED -> {
                c.finQueued = true;
                engine.ready(c); // one that Fast Open made sends it at once
            }
            case ESTABLISHED -> {
                c.finQueued = true;
                c.state = TcpState.FIN_WAIT_1;
                engine.ready(c);
            }
            case CLOSE_WAIT -> {
                c.finQueued = true;
                c.state = TcpState.LAST_ACK;
                engine.ready(c);
            }
            default -> {
                // Closed already, or being closed.
            }
        }
    }

    /** Whether a connection was closed, lingers and waits for what it sent to be acknowledged. */
    static boolean lingering(final TcpConnection c) {
        return c.settings().linger() >= 0
                && !c.holds(TcpConnection.READS_ON)
                && switch (c.state) {
                    case FIN_WAIT_1, CLOSING, LAST_ACK -> true;
                    case SYN_RECEIVED -> c.finQueued;
                    default -> false;
                };
    }

    /** The application aborted: RFC 9293 section 3.10.5, which sends no reset once both sides have said all. */
    void abort(final TcpConnection c) {
        final boolean closing = c.state == TcpState.CLOSING || c.state == TcpState.LAST_ACK;
        if (closing && c.inFlight() > c.queued()) { // our FIN was sent
            finish(c, CloseReason.ABORTED, engine.now());
        } else {
            discard(c);
        }
    }

    /** Ends a connection, of which something may be unread that the peer takes for read otherwise. */
    void discard(final TcpConnection c) {
        if (c.state == TcpState.TIME_WAIT) {
            endLinger(c);
        } else if (c.state != TcpState.CLOSED) {
            giveUp(c, CloseReason.ABORTED, engine.now());
        }
    }

    /** Ends a connection and tells the peer so, if it knows of it. */
    void giveUp(final TcpConnection c, final CloseReason reason, final long now) {
        if (c.state != TcpState.SYN_SENT) {
            engine.acks.sendReset(c, now);
        }
        finish(c, reason, now);
    }

    /** Ends a connection; the application learns of it when events are delivered. */
    void finish(final TcpConnection c, final CloseReason reason, final long now) {
        if (c.state == TcpState.CLOSED || c.reason != null) {
            return;
        }
        c.reason = reason;
        engine.wheel.cancel(c);
        if (c.inTable) {
            c.inTable = false;
            engine.leave(c);
            if (c.una == c.iss + 1) {
                engine.cookies.spend(c, c.iss, now);
            }
        }
        connections--;
        final Transfer transfer = c.transferOrNull();
        if (transfer != null) {
            FastOpenServer.onEnd(transfer, reason, now);
            transfer.transmit.clear();
            transfer.recovery.forgetFlight(c);
            transfer.oweNothing();
            final RangeSet ahead = transfer.ahead;
            if (ahead != null) {
                transfer.ahead = null;
                engine.spares.give(ahead);
            }
        }
        engine.counters.increment(StackCounter.TCP_CONNECTIONS_CLOSED);
        if (reason == CloseReason.NORMAL && c.unread() > 0) {
            // The application has not read everything; it gets as long as TIME-WAIT lasts.
            c.state = TcpState.TIME_WAIT;
            lingering.add(c);
            engine.wheel.set(c, now + config.timeouts().timeWait());
        } else {
            c.state = TcpState.CLOSED;
            engine.events.add(c, EventQueue.FINISHED);
        }
    }

    /** The application has read everything, or had its time. */
    void endLinger(final TcpConnection c) {
        if (lingering.remove(c)) {
            engine.wheel.cancel(c);
            engine.events.add(c, EventQueue.FINISHED);
        }
    }

    /** Both FINs were exchanged, ours first: RFC 9293 section 3.6.1. */
    void enterTimeWait(final TcpConnection c, final long now) {
        if (c.ackNow || c.owesAck()) {
            engine.acks.acknowledge(c, now);
        }
        if (config.timeouts().timeWait() > 0 && timeWaits < config.limits().maxTimeWait()) {
            final TimeWait old = new TimeWait(c, Math.min(0xFFFF, c.receiveWindow() >>> c.receiveShift), now);
            engine.flows.replace(c, old);
            c.inTable = false;
            timeWaits++;
            engine.wheel.set(old, now + config.timeouts().timeWait());
        }
        finish(c, CloseReason.NORMAL, now);
    }

    /** Ends TIME-WAIT. */
    void forget(final TimeWait old) {
        engine.wheel.cancel(old);
        engine.leave(old);
        timeWaits--;
    }

    /** Ends TIME-WAIT of all connections. */
    void forgetTimeWaits() {
        for (final FlowEntry entry : engine.flows.toArray()) {
            if (entry instanceof TimeWait old) {
                forget(old);
            }
        }
    }

    /** Closes every connection in order. */
    void closeAll() {
        for (final FlowEntry entry : engine.flows.toArray()) {
            if (entry instanceof TcpConnection c) {
                close(c);
            }
        }
    }

    /** {@link TcpEngine#unsettled()}. */
    int unsettled() {
        int count = 0;
        for (final FlowEntry entry : engine.flows.toArray()) {
            if (entry instanceof TcpConnection c && !c.finAcknowledged()) {
                count++;
            }
        }
        return count;
    }

    /** Ends all at once: the stack is closed. */
    void endAll() {
        for (final TcpConnection c : lingering.toArray(new TcpConnection[0])) {
            endLinger(c);
        }
        for (final FlowEntry entry : engine.flows.toArray()) {
            if (entry instanceof TcpConnection c) {
                giveUp(c, CloseReason.STACK_CLOSED, engine.now());
            }
        }
    }
}
