package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class RequestsTest {
    private static final int PLACES = 64;

    /** Messages that the ring for so many places holds: each takes 16 bytes. */
    private static final int ROUND = 4_096 / 16;

    private final Requests requests = new Requests(new ClientConfig(PLACES, 2_048), false);
    private final List<Thread> threads = new ArrayList<>();

    private FutureTask<Integer> ask() {
        final FutureTask<Integer> answer = new FutureTask<>(() -> {
            final Operation operation = requests.acquire();
            try {
                return requests.run(operation, null, Operation.CALL);
            } finally {
                requests.release(operation);
            }
        });
        threads.add(Thread.ofPlatform().daemon().start(answer));
        return answer;
    }

    @Test
    void shouldAnswerAllThatWaitWhenItIsClosedAndTheirMessagesPassTheEndOfTheRing() throws Exception {
        for (int i = 0; i < ROUND - PLACES / 2; i++) {
            final FutureTask<Integer> served = ask();
            while (!served.isDone()) {
                requests.poll(1);
            }
            assertEquals(0, served.get());
        }
        threads.clear();
        final List<FutureTask<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            waiting.add(ask());
        }
        for (final Thread thread : threads) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        requests.close();
        for (final FutureTask<Integer> answer : waiting) {
            assertEquals(SocketError.ENETDOWN.result(), answer.get(Await.SECONDS, TimeUnit.SECONDS));
        }
        assertFalse(requests.pending());
        assertEquals(SocketError.ENETDOWN.result(), ask().get(Await.SECONDS, TimeUnit.SECONDS));
    }
}
