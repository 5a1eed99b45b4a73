package io.millrace.stack.iface;

import io.millrace.stack.iface.address.OwnAddress;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.timer.TimerNode;
import io.millrace.stack.timer.TimerWheel;
import org.jspecify.annotations.Nullable;

/**
 * Answers to solicitations for anycast addresses, each delayed by a random time, so that not all who have the address
 * answer at once (RFC 4861 section 7.2.7). A bounded number waits; what is asked beyond that goes unanswered, as if it
 * were lost.
 */
final class AnycastAnswers {
    /** MAX_ANYCAST_DELAY_TIME of RFC 4861. */
    private static final int MAX_DELAY_MICROS = 1_000_000;

    private static final int MOST = 64;

    private final Solicitation solicitation;
    private final Entropy entropy;
    private final TimerWheel timers = new TimerWheel(0);
    private final Answer[] free = new Answer[MOST];
    private int freeCount = MOST;

    AnycastAnswers(final Solicitation solicitation, final Entropy entropy) {
        this.solicitation = solicitation;
        this.entropy = entropy;
        for (int i = 0; i < MOST; i++) {
            free[i] = new Answer();
        }
    }

    /**
     * Answers a solicitation later.
     *
     * @param mac link address that the answer goes to
     * @return false if too many wait
     */
    boolean add(final OwnAddress own, final long dstHi, final long dstLo, final long mac, final long now) {
        if (freeCount == 0) {
            return false;
        }
        final Answer answer = free[--freeCount];
        answer.own = own;
        answer.dstHi = dstHi;
        answer.dstLo = dstLo;
        answer.mac = mac;
        timers.set(answer, now + entropy.nextInt(MAX_DELAY_MICROS));
        return true;
    }

    /** Sends what is due. Returns how much that was. */
    int poll(final long now) {
        int work = 0;
        for (TimerNode due = timers.poll(now); due != null; due = timers.poll(now)) {
            final Answer answer = (Answer) due;
            final OwnAddress own = answer.own;
            if (own != null && own.usable()) {
                solicitation.answer(own, answer.dstHi, answer.dstLo, answer.mac);
            }
            answer.own = null;
            free[freeCount++] = answer;
            work++;
        }
        return work;
    }

    /** When {@link #poll} has something to do. */
    long pollAt() {
        return timers.next();
    }

    private static final class Answer extends TimerNode {
        private @Nullable OwnAddress own;
        private long dstHi;
        private long dstLo;
        private long mac;
    }
}
