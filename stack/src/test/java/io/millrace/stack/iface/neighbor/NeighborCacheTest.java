package io.millrace.stack.iface.neighbor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** States, timers and bounds of the neighbour cache, with a resolver that only notes what it is asked. */
class NeighborCacheTest {
    private static final long A = 0x0200_0000_000AL;
    private static final long B = 0x0200_0000_000BL;
    private static final int SOLICITED = NdpView.SOLICITED | NdpView.OVERRIDE;
    private static final long SECOND = 1_000_000;
    private static final int QUEUE = 3;

    private final Recorder recorder = new Recorder();
    private final Counters<StackCounter> counters = new Counters<>(StackCounter.class);
    private final Backlog backlog = new Backlog(16);
    private final NeighborCache cache = cache(8);
    private long now = 100 * SECOND;
    private long handles;

    @Test
    @Origin("smoltcp:iface::neighbor::test_fill")
    void shouldFindWhatWasAnswered() {
        assertEquals(NeighborCache.PENDING, resolve(1));
        assertEquals(NeighborCache.PENDING, resolve(2));
        answer(1, A);
        assertEquals(A, resolve(1));
        assertEquals(NeighborCache.PENDING, resolve(2));
        assertEquals(List.of("deliver 0 to " + A), recorder.delivered);
    }

    /** Unlike smoltcp, which forgets a neighbour after a minute and stalls, ours stays in use while it is asked. */
    @Test
    @Origin("smoltcp:iface::neighbor::test_expire")
    @Origin("RFC 4861 7.3.3")
    void shouldVerifyANeighborThatWasNotHeardOfForLong() {
        known(1, A);
        pass(46 * SECOND);
        assertEquals(NeighborState.STALE, state(1));
        assertEquals(A, resolve(1));
        assertEquals(NeighborState.DELAY, state(1));
        pass(5 * SECOND);
        assertEquals(NeighborState.PROBE, state(1));
        assertEquals(List.of("1 at " + A), recorder.solicited);
        assertEquals(A, resolve(1));
        pass(3 * SECOND);
        assertEquals(List.of("1 at " + A, "1 at " + A, "1 at " + A), recorder.solicited);
        assertEquals(NeighborState.FAILED, state(1));
        assertEquals(NeighborCache.PENDING, resolve(1));
        assertEquals(NeighborState.INCOMPLETE, state(1));
    }

    /** Unlike smoltcp, which takes any new link address, ours asks first whether the neighbour really moved. */
    @Test
    @Origin("smoltcp:iface::neighbor::test_replace")
    void shouldReplaceALinkAddressOnceItWasAskedFor() {
        known(1, A);
        pass(2 * SECOND);
        answer(1, B);
        assertEquals(A, resolve(1));
        assertEquals(List.of("1 at 0"), recorder.solicited);
        answer(1, B);
        assertEquals(B, resolve(1));
    }

    @Test
    void shouldFollowANeighborThatMovesTwiceInASecond() {
        known(1, A);
        pass(2 * SECOND);
        cache.hint(0, 1, B, true, now);
        answer(1, B);
        cache.hint(0, 1, A, true, now);
        assertEquals(List.of("1 at 0"), recorder.solicited);
        pass(SECOND);
        assertEquals(List.of("1 at 0", "1 at 0"), recorder.solicited);
        assertEquals(B, resolve(1));
        answer(1, A);
        assertEquals(A, resolve(1));
        assertEquals(NeighborState.REACHABLE, state(1));
    }

    @Test
    void shouldGiveUpANeighborThatWasContradictedAndIsGone() {
        known(1, A);
        pass(2 * SECOND);
        cache.hint(0, 1, B, true, now);
        assertEquals(A, resolve(1));
        pass(3 * SECOND);
        assertEquals(List.of("1 at 0", "1 at 0", "1 at 0"), recorder.solicited);
        assertEquals(NeighborState.FAILED, state(1));
    }

    /**
     * Unlike smoltcp, which evicts what expires first, ours evicts what is least worth: here what was used longest ago.
     */
    @Test
    @Origin("smoltcp:iface::neighbor::test_evict")
    void shouldEvictTheNeighborThatWasUsedLongestAgo() {
        for (int i = 1; i <= 8; i++) {
            known(i, A + i);
            pass(1_000);
        }
        resolve(1);
        known(9, B);
        assertEquals(B, resolve(9));
        assertEquals(A + 1, resolve(1));
        assertEquals(NeighborCache.PENDING, cache.lookup(0, 2));
        assertEquals(8, cache.size());
    }

    /** A packet that waits for a neighbour waits on: of that one there is nothing to forget. */
    @Test
    @Origin("smoltcp:iface::neighbor::test_flush")
    void shouldForgetAllButWhatWasSetByHandAndWhatPacketsWaitFor() {
        known(1, A);
        assertTrue(cache.addPermanent(0, 2, B, now));
        resolve(3);
        cache.flush();
        assertTrue(cache.remove(0, 3));
        assertEquals(NeighborCache.PENDING, cache.lookup(0, 1));
        assertEquals(B, resolve(2));
        assertEquals(2, cache.size());
        assertEquals(List.of(), recorder.dropped);
        answer(3, A);
        assertEquals(A, cache.lookup(0, 3));
        assertEquals(2, recorder.delivered.size());
        cache.flush();
        assertEquals(1, cache.size());
    }

    /** Unlike smoltcp, whose limit is one for the interface, ours lets no neighbour wait for another. */
    @Test
    @Origin("smoltcp:iface::neighbor::test_hush")
    void shouldAskForEachNeighborOnceASecondWhateverTheOthersDo() {
        resolve(1);
        resolve(1);
        resolve(2);
        assertEquals(List.of("1 at 0", "2 at 0"), recorder.solicited);
        pass(SECOND - 1);
        resolve(1);
        assertEquals(2, recorder.solicited.size());
        pass(1);
        assertEquals(List.of("1 at 0", "2 at 0", "1 at 0", "2 at 0"), recorder.solicited);
    }

    @Test
    @Origin("RFC 4861 7.2.2")
    void shouldTellTheSenderOfEachWaitingPacketAfterThreeRequests() {
        resolve(1);
        resolve(1);
        pass(3 * SECOND);
        assertEquals(3, recorder.solicited.size());
        assertEquals(List.of(0L, 1L), recorder.unreachable);
        assertEquals(NeighborState.FAILED, state(1));
    }

    /** As Linux does; RFC 4861 has the failed entry deleted, so that the next packet starts anew. */
    @Test
    @Origin("RFC 4861 7.3.3")
    @Origin("RFC 1122 2.3.2.1")
    void shouldAskANeighborThatNeverAnswersOnceASecondWhilePacketsAreSentToIt() {
        for (int second = 0; second < 60; second++) {
            for (int i = 0; i < 10; i++) {
                assertEquals(NeighborCache.PENDING, resolve(1));
                assertEquals(second + 1, recorder.solicited.size());
                pass(SECOND / 10);
            }
        }
        // Without packets nobody is asked.
        pass(100 * SECOND);
        assertTrue(recorder.solicited.size() <= 62);
        assertEquals(NeighborState.FAILED, state(1));
        assertEquals(Long.MAX_VALUE, cache.pollAt());
    }

    @Test
    @Origin("RFC 4861 7.3.3")
    void shouldAskAtOnceAndLoseNothingWhenANeighborThatDidNotAnswerIsBack() {
        for (int i = 0; i < 5; i++) {
            resolve(1);
            pass(3 * SECOND);
        }
        assertEquals(NeighborState.FAILED, state(1));
        recorder.solicited.clear();
        final long sent = handles;
        resolve(1);
        assertEquals(List.of("1 at 0"), recorder.solicited);
        answer(1, A);
        assertEquals(List.of("deliver " + sent + " to " + A), recorder.delivered);
    }

    /** Nobody who was not asked may say where packets go (RFC 4861 section 7.2.5: there is no entry). */
    @Test
    @Origin("RFC 4861 7.2.5")
    void shouldNotBelieveAnAnswerOfAFailedNeighborBeforeItIsAskedAgain() {
        resolve(1);
        pass(3 * SECOND);
        assertFalse(cache.answer(0, 1, B, SOLICITED, now));
        assertEquals(NeighborState.FAILED, state(1));
        assertEquals(NeighborCache.PENDING, resolve(1));
    }

    @Test
    @Origin("RFC 4861 7.3.1")
    void shouldNotAskANeighborThatConnectionsConfirm() {
        known(1, A);
        for (int i = 0; i < 100; i++) {
            pass(4 * SECOND);
            assertEquals(A, resolve(1));
            cache.confirm(0, 1, now);
            assertEquals(NeighborState.REACHABLE, state(1));
        }
        assertEquals(List.of(), recorder.solicited);
        // Neither a neighbour that was never resolved nor one unknown can be confirmed.
        resolve(2);
        cache.confirm(0, 2, now);
        cache.confirm(0, 3, now);
        assertEquals(NeighborState.INCOMPLETE, state(2));
        assertEquals(2, cache.size());
    }

    @Test
    @Origin("RFC 4861 6.3.2")
    void shouldDrawReachableTimesAroundHalfAMinute() {
        long shortest = Long.MAX_VALUE;
        long longest = 0;
        for (int seed = 0; seed < 200; seed++) {
            final NeighborCache drawn =
                    new NeighborCache(IpFamily.V4, 4, QUEUE, backlog, recorder, Entropy.seeded(seed), counters);
            drawn.addPermanent(0, 9, B, now);
            drawn.resolve(0, 1, handles++, now);
            drawn.answer(0, 1, A, SOLICITED, now);
            long reachable = 0;
            while (drawn.entries(now + reachable).stream().anyMatch(e -> e.state() == NeighborState.REACHABLE)) {
                reachable += SECOND / 2;
            }
            shortest = Math.min(shortest, reachable);
            longest = Math.max(longest, reachable);
        }
        assertTrue(shortest >= 15 * SECOND && shortest < 17 * SECOND, "shortest " + shortest);
        assertTrue(longest <= 46 * SECOND && longest > 43 * SECOND, "longest " + longest);
    }

    @Test
    @Origin("RFC 4861 7.2.5")
    void shouldHeedTheFlagsOfAnswers() {
        resolve(1);
        // Nothing is learned without a link address; without the solicited flag nothing is confirmed.
        assertFalse(cache.answer(0, 1, -1, SOLICITED, now));
        assertTrue(cache.answer(0, 1, A, NdpView.ROUTER, now));
        assertEquals(NeighborState.DELAY, state(1));
        assertTrue(entry(1).isRouter());
        // No link address, but solicited: the one we have is right.
        assertTrue(cache.answer(0, 1, -1, NdpView.SOLICITED, now));
        assertEquals(NeighborState.REACHABLE, state(1));
        assertFalse(entry(1).isRouter());
        // Another link address without override: doubt only.
        assertFalse(cache.answer(0, 1, B, NdpView.SOLICITED, now));
        assertEquals(NeighborState.STALE, state(1));
        assertEquals(A, resolve(1));
    }

    @Test
    void shouldLeavePermanentNeighborsAlone() {
        resolve(1);
        assertTrue(cache.addPermanent(0, 1, A, now));
        assertEquals(List.of("deliver 0 to " + A), recorder.delivered);
        recorder.solicited.clear();
        cache.hint(0, 1, B, true, now);
        assertFalse(cache.answer(0, 1, B, SOLICITED, now));
        pass(1_000 * SECOND);
        assertEquals(A, resolve(1));
        assertEquals(NeighborState.PERMANENT, state(1));
        assertEquals(List.of(), recorder.solicited);
        // At most half of the table, so that others find room; a new address for one that is there is no more.
        assertTrue(cache.addPermanent(0, 2, A, now) && cache.addPermanent(0, 3, A, now));
        assertTrue(cache.addPermanent(0, 4, A, now));
        assertFalse(cache.addPermanent(0, 5, A, now));
        assertTrue(cache.addPermanent(0, 4, B, now));
        for (int i = 10; i < 1_000; i++) {
            known(i, B);
        }
        assertEquals(B, cache.lookup(0, 4));
        assertTrue(cache.remove(0, 4));
        assertFalse(cache.remove(0, 4));
        assertTrue(cache.addPermanent(0, 5, A, now));
    }

    @Test
    void shouldTellAgesAndUnknownLinkAddresses() {
        known(1, A);
        pass(7 * SECOND);
        resolve(2);
        assertEquals(7 * SECOND, entry(1).ageMicros());
        assertEquals(new MacAddress(A), entry(1).mac());
        assertNull(entry(2).mac());
        assertEquals(0, entry(2).ageMicros());
        assertEquals(IpAddress.parse("0.0.0.2"), entry(2).address());
    }

    @Test
    @Origin("RFC 6583 6.1")
    void shouldKeepWhatIsInUseWhenOthersFloodTheTable() {
        final NeighborCache small = cache(64);
        small.resolve(0, 1, handles++, now);
        small.answer(0, 1, A, SOLICITED, now);
        for (int i = 100; i < 100_000; i++) {
            small.hint(0, i, B, true, now);
        }
        assertEquals(A, small.lookup(0, 1));
        // A scan of ours: each address is asked for, and most of the table stays with those that answered.
        final int asked = recorder.solicited.size();
        for (int i = 200_000; i < 300_000; i++) {
            small.resolve(0, i, handles++, now);
        }
        assertEquals(100_000, recorder.solicited.size() - asked);
        assertEquals(A, small.lookup(0, 1));
        assertEquals(64, small.size());
        assertTrue(backlog.size() <= 16);
    }

    /**
     * Whatever happens: nothing is lost, the table and the queues stay within their bounds, and time stands not still.
     */
    @Test
    void shouldAccountForEveryPacketWhateverHappens() {
        final SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 300_000; i++) {
            final int who = random.nextInt(24);
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> resolve(who);
                case 4 -> cache.hint(0, who, random.nextBoolean() ? A : B, random.nextBoolean(), now);
                case 5, 6 -> cache.answer(0, who, random.nextInt(3) - 1 + A, random.nextInt(8) << 29, now);
                case 7 -> cache.confirm(0, who, now);
                case 8 -> {
                    if (random.nextInt(20) == 0) {
                        cache.addPermanent(0, who, A, now);
                    } else if (random.nextInt(20) == 0) {
                        cache.remove(0, who);
                    }
                }
                default -> pass(random.nextLong(1L << random.nextInt(1, 26)));
            }
            assertTrue(cache.size() <= 8);
            assertEquals(handles, recorder.seen() + backlog.size() + recorder.sentAtOnce);
        }
        cache.clear();
        assertEquals(0, backlog.size());
        assertEquals(0, cache.size());
        assertEquals(Long.MAX_VALUE, cache.pollAt());
    }

    private NeighborCache cache(final int capacity) {
        return new NeighborCache(IpFamily.V4, capacity, QUEUE, backlog, recorder, Entropy.seeded(1), counters);
    }

    private long resolve(final long who) {
        final long mac = cache.resolve(0, who, handles++, now);
        recorder.sentAtOnce += mac == NeighborCache.PENDING ? 0 : 1;
        return mac;
    }

    private void answer(final long who, final long mac) {
        cache.answer(0, who, mac, SOLICITED, now);
    }

    private void known(final long who, final long mac) {
        resolve(who);
        answer(who, mac);
        recorder.solicited.clear();
    }

    /** Lets time pass as a poll loop would. */
    private void pass(final long micros) {
        final long end = now + micros;
        while (cache.pollAt() <= end) {
            now = Math.max(now, cache.pollAt());
            cache.poll(now);
        }
        now = end;
    }

    private NeighborState state(final long who) {
        return entry(who).state();
    }

    private NeighborEntry entry(final long who) {
        return cache.entries(now).stream()
                .filter(e -> e.address().lo() == who)
                .findFirst()
                .orElseThrow();
    }

    private static final class Recorder implements Resolver {
        final List<String> solicited = new ArrayList<>();
        final List<String> learned = new ArrayList<>();
        final List<String> delivered = new ArrayList<>();
        final List<Long> unreachable = new ArrayList<>();
        final List<Long> dropped = new ArrayList<>();
        int sentAtOnce;

        @Override
        public void solicit(final int family, final long hi, final long lo, final long where) {
            solicited.add(lo + " at " + where);
        }

        @Override
        public void learned(final int family, final long hi, final long lo, final long mac) {
            learned.add(lo + " at " + mac);
        }

        @Override
        public void deliver(final long handle, final long dst) {
            delivered.add("deliver " + handle + " to " + dst);
        }

        @Override
        public void unreachable(final long handle) {
            unreachable.add(handle);
        }

        @Override
        public void drop(final long handle) {
            dropped.add(handle);
        }

        int seen() {
            return delivered.size() + unreachable.size() + dropped.size();
        }
    }
}
