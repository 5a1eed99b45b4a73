package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.testkit.Await;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(300)
final class RequestsTest {
    private static final int PLACES = 64;

    /** Messages that the ring for so many places holds: each takes 16 bytes. */
    private static final int ROUND = 4_096 / 16;

    /** Each thread takes and gives back a place so often. */
    private static final int TURNS = 50_000;

    private final Requests requests = new Requests(new ClientConfig(PLACES, 2_048), false);
    private final List<Thread> threads = new ArrayList<>();

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private FutureTask<Integer> ask(final @Nullable ShardSocket target) {
        final FutureTask<Integer> answer = new FutureTask<>(() -> {
            final Operation operation = requests.acquire();
            try {
                return requests.run(operation, target, Operation.SEND);
            } finally {
                requests.release(operation);
            }
        });
        threads.add(Thread.ofPlatform().daemon().start(answer));
        return answer;
    }

    /** Whoever has an answer may ask again before the shard is done: that is for the next time, after the stack's poll. */
    @Test
    void shouldLeaveWhatComesWhileItServesForTheNextTime() throws Exception {
        final List<FutureTask<Integer>> second = new ArrayList<>();
        try (Stack stack = Stack.create(StackConfig.defaults(), pools.cache(pools.pool(64)))) {
            final FutureTask<Integer> first = ask(new Target(ClientService.of(stack, ClientConfig.defaults()), () -> {
                second.add(ask(null));
                awaitAsked();
            }));
            awaitAsked();
            assertEquals(1, requests.poll(10));
            assertEquals(0, first.get(Await.SECONDS, TimeUnit.SECONDS));
            assertFalse(second.getFirst().isDone());
            assertEquals(1, requests.poll(10));
            assertEquals(0, second.getFirst().get(Await.SECONDS, TimeUnit.SECONDS));
            assertEquals(0, requests.poll(10));
        }
    }

    /** Few places, many threads: one that is interrupted while it takes a place must not hinder others to give theirs back. */
    @Test
    void shouldTakeBackPlacesWhileOthersAreTaken() throws Exception {
        final Requests few = new Requests(new ClientConfig(2, 2_048), false);
        final List<FutureTask<Integer>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            final FutureTask<Integer> user = new FutureTask<>(() -> {
                for (int turn = 0; turn < TURNS; turn++) {
                    few.release(few.acquire());
                }
                return TURNS;
            });
            users.add(user);
            threads.add(Thread.ofPlatform().daemon().start(user));
        }
        for (final FutureTask<Integer> user : users) {
            assertEquals(TURNS, user.get());
        }
    }

    @Test
    void shouldAnswerAllThatWaitWhenItIsClosedAndTheirMessagesPassTheEndOfTheRing() throws Exception {
        for (int i = 0; i < ROUND - PLACES / 2; i++) {
            final FutureTask<Integer> served = ask(null);
            while (!served.isDone()) {
                requests.poll(1);
            }
            assertEquals(0, served.get());
        }
        threads.clear();
        final List<FutureTask<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            waiting.add(ask(null));
        }
        awaitAsked();
        requests.close();
        for (final FutureTask<Integer> answer : waiting) {
            assertEquals(SocketError.ENETDOWN.result(), answer.get(Await.SECONDS, TimeUnit.SECONDS));
        }
        assertFalse(requests.pending());
        assertEquals(SocketError.ENETDOWN.result(), ask(null).get(Await.SECONDS, TimeUnit.SECONDS));
    }

    /** One thread has claimed its message and lost its CPU, another behind it is done and waits. */
    @Test
    void shouldAnswerWhoeverWaitsBehindAMessageThatIsNotWrittenYetWhenItIsClosed() throws Exception {
        final int unwritten = requests.ring.tryClaim(Operation.SEND, Integer.BYTES);
        final FutureTask<Integer> answer = ask(null);
        awaitAsked();
        assertEquals(0, requests.poll(10));
        requests.close();
        assertEquals(SocketError.ENETDOWN.result(), answer.get(Await.SECONDS, TimeUnit.SECONDS));
        requests.ring.abort(unwritten);
        assertFalse(requests.pending());
        assertEquals(0, requests.poll(10));
    }

    /** An error ends the shard: its message has been taken from the ring by then. */
    @Test
    void shouldAnswerWhoeverAskedForWhatEndedTheShardWhenItIsClosed() throws Exception {
        try (Stack stack = Stack.create(StackConfig.defaults(), pools.cache(pools.pool(64)))) {
            final FutureTask<Integer> answer = ask(new Target(ClientService.of(stack, ClientConfig.defaults()), () -> {
                throw new AssertionError("the end");
            }));
            awaitAsked();
            assertThrows(AssertionError.class, () -> requests.poll(10));
            assertFalse(answer.isDone());
            requests.close();
            assertEquals(SocketError.ENETDOWN.result(), answer.get(Await.SECONDS, TimeUnit.SECONDS));
        }
    }

    /** Until all requests are in the ring. */
    private void awaitAsked() {
        for (final Thread thread : threads) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    /** Does something when it is asked. */
    private static final class Target extends ShardSocket {
        private final Runnable action;

        Target(final ClientService service, final Runnable action) {
            super(service);
            this.action = action;
        }

        @Override
        int serve(final int kind, final Operation operation) {
            action.run();
            return 0;
        }

        @Override
        void update() {}

        @Override
        void end() {}
    }
}
