package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Await;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that wait while others change what they wait for. */
final class AgentWaitTest extends AgentCallsTest {
    /** A call that another thread makes. */
    private static final class Call extends FutureTask<String> {
        private final Thread thread = Thread.ofPlatform().daemon().unstarted(this);

        Call(Callable<String> call) {
            super(call);
        }

        /** How often it had to wait until now, for whatever. */
        long waits() {
            return ManagementFactory.getThreadMXBean()
                    .getThreadInfo(thread.threadId())
                    .getWaitedCount();
        }

        boolean isWaiting() {
            return thread.getState() == Thread.State.WAITING && isParked(thread);
        }
    }

    /** Begins a call and lets it come to where it waits. */
    private Call begin(String request) throws Exception {
        final Call call = new Call(() -> rig.ask(request));
        call.thread.start();
        Await.until(request + " waits", call::isWaiting);
        return call;
    }

    /** Whether it waits for a socket, not for the answer to a request. */
    private static boolean isParked(Thread thread) {
        for (final StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().endsWith(".Readiness")) {
                return true;
            }
        }
        return false;
    }

    private void listen() {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "bind 3 10.0.0.1 8080");
        expect("0 0", "listen 3 1");
    }

    private void connect() {
        listen();
        expect("4 0", "socket 2 1 0");
        expect("0 0", "connect 4 10.0.0.1 8080");
        assertTrue(rig.ask("accept 3").startsWith("5 0 "));
    }

    @ParameterizedTest
    @CsvSource({"shutdown 3 0, -1 22", "shutdown 3 2, -1 22", "connect 3 unspec 0, -1 22", "close 3, -1 9"})
    void shouldSayWhyThereIsNothingToAcceptAnyMore(String end, String answer) throws Exception {
        listen();
        final FutureTask<String> accepting = begin("accept 3");
        expect("0 0", end);
        assertEquals(answer, accepting.get());
    }

    /** POLLOUT and POLLHUP, as of any socket that is not connected. */
    @ParameterizedTest
    @ValueSource(strings = {"shutdown 3 0", "connect 3 unspec 0"})
    void shouldTellWhatASocketIsReadyForThatListensNoMore(String end) throws Exception {
        listen();
        final FutureTask<String> polling = begin("poll 3 0x5 -1");
        expect("0 0", end);
        assertEquals("1 0 20", polling.get());
    }

    /** The third waits for a place in the queue of those to be accepted. MSG_DONTWAIT. */
    @Test
    void shouldSendNothingAtOnceWhileItConnects() throws Exception {
        listen();
        for (int fd = 4; fd < 6; fd++) {
            expect(fd + " 0", "socket 2 1 0");
            expect("0 0", "connect " + fd + " 10.0.0.1 8080");
        }
        expect("6 0", "socket 2 1 0");
        final FutureTask<String> connecting = begin("connect 6 10.0.0.1 8080");
        expect("-1 11", "send 6 0 0x40");
        expect("-1 11", "send 6 1 0x40");
        expect("0 0", "shutdown 6 2");
        assertEquals("-1 104", connecting.get());
    }

    /** MSG_PEEK and MSG_WAITALL. */
    @Test
    void shouldLookOnlyOnceAllIsThere() throws Exception {
        connect();
        expect("3 0", "send 4 3 0");
        expect("1 0 1", "poll 5 1 60000");
        final FutureTask<String> peeking = begin("recv 5 10 0x102");
        expect("6 0", "send 4 6 0");
        Await.until("more is there", () -> rig.ask("ioctl 5 0x541B").equals("0 0 9"));
        assertFalse(peeking.isDone());
        expect("4 0", "send 4 4 0");
        assertEquals("10 0", peeking.get());
        expect("13 0", "recv 5 20 0x42");
        final FutureTask<String> last = begin("recv 5 20 0x102");
        expect("0 0", "shutdown 4 1");
        assertEquals("13 0", last.get());
        expect("13 0", "recv 5 20 0x102");
        expect("13 0", "recv 5 20 0x100");
        expect("0 0", "recv 5 20 0x102");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x100", "0x102"})
    void shouldTellWhatCameBeforeAnotherCallDisconnects(String flags) throws Exception {
        connect();
        final Call receiving = begin("recv 5 10 " + flags);
        final long waits = receiving.waits();
        expect("3 0", "send 4 3 0");
        Await.until("it came", () -> rig.ask("ioctl 5 0x541B").equals(flags.equals("0x100") ? "0 0 0" : "0 0 3"));
        Await.until("it was looked at", () -> receiving.waits() > waits && receiving.isWaiting());
        Await.until("it is acknowledged", () -> rig.ask("ioctl 4 0x5411").equals("0 0 0"));
        expect("0 0", "connect 5 unspec 0");
        assertEquals("3 0", receiving.get());
        expect("0 0 68000000", "getsockopt 5 1 4 4");
    }

    @Test
    void shouldReadTheEndOfWhatWasShutBeforeItWasConnected() {
        expect("3 0", "socket 2 1 0");
        expect("-1 107", "recv 3 1 0");
        expect("-1 107", "shutdown 3 0");
        expect("0 0", "recv 3 1 0");
        expect("4 0", "socket 2 2 0");
        expect("-1 107", "shutdown 4 2");
        expect("-1 89", "send 4 1 0");
        expect("-1 32", "sendto 4 1 0 10.0.0.1 9");
    }
}
