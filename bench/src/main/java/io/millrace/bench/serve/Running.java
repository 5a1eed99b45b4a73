package io.millrace.bench.serve;

import io.millrace.bench.control.ControlSocket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that a command has started and that runs until it is told to stop: a server or an appliance. */
public interface Running extends AutoCloseable {
    /** One line: {@code ready}, and {@code key=value} for what others have to know. */
    String readyLine();

    /** What passed through so far. */
    LiveCounters.Sample sample();

    /** What else the live line shows, with a gap in front; nothing if it is empty. */
    default String detail() {
        return "";
    }

    /** What the user should be told at once, since the last call, a line each. */
    default List<String> news() {
        return List.of();
    }

    /** Answers what other processes ask of it. */
    ControlSocket.Service control();

    /** What ended a thread of it before its time; null if all is well. */
    @Nullable
    Throwable failure();

    /** Why the capture that it writes is not whole, and what to do about it; null if all was written so far. */
    @Nullable
    String captureFailure();

    /** Ends it in order, and tells what it did. Returns the same when called again. */
    ServeSummary stop();

    @Override
    void close();
}
