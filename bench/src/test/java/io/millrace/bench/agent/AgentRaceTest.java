package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Await;
import io.millrace.testkit.PoolWatch;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls on one socket that meet: the stack's thread is held until both have begun. */
@Timeout(300)
class AgentRaceTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private static final Set<Thread.State> BEGUN =
            Set.of(Thread.State.WAITING, Thread.State.BLOCKED, Thread.State.TERMINATED);

    private static FutureTask<String> begin(AgentRig rig, String request) throws Exception {
        final FutureTask<String> answer = new FutureTask<>(() -> rig.ask(request));
        final Thread thread = Thread.ofPlatform().daemon().start(answer);
        Await.until(request + " has begun", () -> BEGUN.contains(thread.getState()));
        return answer;
    }

    @ParameterizedTest
    @CsvSource({"listen 3 5, close 3", "listen 3 5, reset", "connect 3 unspec 0, close 3", "connect 3 unspec 0, reset"})
    void shouldLeaveNothingBoundWhenASocketGoesWhileItsStateChanges(String change, String end) throws Exception {
        try (AgentRig rig = new AgentRig(pools)) {
            assertEquals("3 0", rig.ask("socket 2 1 0"));
            assertEquals("0 0", rig.ask("bind 3 10.0.0.1 80"));
            if (change.startsWith("connect")) {
                assertEquals("0 0", rig.ask("listen 3 5"));
            }
            final CountDownLatch held = new CountDownLatch(1);
            final CountDownLatch release = new CountDownLatch(1);
            final FutureTask<Boolean> holder =
                    new FutureTask<>(() -> rig.client().call(stack -> {
                        held.countDown();
                        try {
                            return release.await(Await.SECONDS, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }));
            Thread.ofPlatform().daemon().start(holder);
            held.await();
            final FutureTask<String> changing = begin(rig, change);
            final FutureTask<String> ending = begin(rig, end);
            release.countDown();
            assertTrue(holder.get());
            assertEquals("0 0", ending.get());
            assertTrue(Set.of("0 0", "-1 9").contains(changing.get()), changing.get());
            assertEquals("3 0", rig.ask("socket 2 1 0"));
            assertEquals("0 0", rig.ask("bind 3 10.0.0.1 80"));
            assertEquals("0 0", rig.ask("listen 3 5"));
        }
    }

    /** As much as the agent asks for at once, and not what it was asked for. */
    @Test
    void shouldTellWhatWasReceivedWhenThenTheConnectionIsReset() throws Exception {
        try (AgentRig rig = new AgentRig(pools)) {
            assertEquals("3 0", rig.ask("socket 2 1 0"));
            assertEquals("0 0", rig.ask("bind 3 10.0.0.1 80"));
            assertEquals("0 0", rig.ask("listen 3 5"));
            assertEquals("4 0", rig.ask("socket 2 1 0"));
            assertEquals("0 0", rig.ask("connect 4 10.0.0.1 80"));
            assertTrue(rig.ask("accept 3").startsWith("5 0 "));
            final FutureTask<String> receiving = begin(rig, "recv 5 2000000 0x100");
            assertEquals("1048576 0", rig.ask("send 4 1048576 0"));
            Await.until(
                    "all of it is read",
                    () -> rig.ask("ioctl 4 0x5411").equals("0 0 0")
                            && rig.ask("ioctl 5 0x541B").equals("0 0 0"));
            assertEquals("0 0", rig.ask("setsockopt 4 1 13 0100000000000000"));
            assertEquals("0 0", rig.ask("close 4"));
            assertEquals("1048576 0", receiving.get());
            assertEquals("-1 104", rig.ask("recv 5 1 0"));
        }
    }
}
