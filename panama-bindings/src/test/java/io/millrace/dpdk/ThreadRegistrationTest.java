package io.millrace.dpdk;

import static io.millrace.dpdk.DpdkExtension.words;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DpdkExtension.class)
final class ThreadRegistrationTest {
    private static <T> T inThread(final Callable<T> body) throws Exception {
        final FutureTask<T> task = new FutureTask<>(body);
        new Thread(task).start();
        return task.get();
    }

    @Test
    void shouldGiveEachThreadAnLcoreIdOfItsOwn() throws Exception {
        try (ThreadRegistration mine = ThreadRegistration.register()) {
            final int other = inThread(() -> {
                try (ThreadRegistration registration = ThreadRegistration.register()) {
                    return registration.lcoreId();
                }
            });
            assertNotEquals(mine.lcoreId(), other);
            assertEquals(mine.lcoreId(), EalThreadLocals.lcoreId());
        }
        assertEquals(-1, EalThreadLocals.lcoreId());
    }

    @Test
    void shouldKeepTheLcoreIdWhenRegisteredTwice() {
        try (ThreadRegistration first = ThreadRegistration.register()) {
            try (ThreadRegistration second = ThreadRegistration.register()) {
                assertEquals(first.lcoreId(), second.lcoreId());
            }
            assertEquals(first.lcoreId(), EalThreadLocals.lcoreId());
        }
    }

    @Test
    void shouldRunOutOfLcoreIds() throws InterruptedException {
        final int threads = 130; // RTE_MAX_LCORE is 128
        final List<EalException> failures = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch tried = new CountDownLatch(threads);
        final List<Thread> started = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            final Thread thread = new Thread(() -> holdAnLcoreId(tried, failures));
            started.add(thread);
            thread.start();
        }
        for (final Thread thread : started) {
            thread.join();
        }
        assertTrue(failures.size() >= 2, failures::toString);
        final String words = words(failures.getFirst());
        assertTrue(words.contains("Cannot allocate memory"), words);
    }

    private static void holdAnLcoreId(final CountDownLatch tried, final List<EalException> failures) {
        try (ThreadRegistration registration = ThreadRegistration.register()) {
            assertTrue(registration.lcoreId() >= 0);
            tried.countDown();
            tried.await();
        } catch (final EalException e) {
            failures.add(e);
            tried.countDown();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldPinTheCallingThread() throws Exception {
        final BitSet before = CpuAffinity.current();
        final int cpu = before.nextSetBit(0);
        final BitSet pinned = inThread(() -> {
            CpuAffinity.pin(cpu);
            return CpuAffinity.current();
        });
        assertEquals(1, pinned.cardinality());
        assertTrue(pinned.get(cpu));
        assertEquals(before, CpuAffinity.current());
        final IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> CpuAffinity.pin(8191));
        assertTrue(words(e).contains("8191"));
    }
}
