package io.millrace.bench.socketapi;

import io.millrace.stack.client.SocketErrorException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;

/** What goes wrong, as Linux's error numbers. */
public final class Failures {
    private Failures() {}

    /** A call on a socket. */
    @FunctionalInterface
    public interface SocketCall<T> {
        /** Makes it. */
        T run() throws IOException, ErrnoException;
    }

    /** Makes a call whose failures are all {@link ErrnoException}s. */
    public static <T> T translated(SocketCall<T> call) throws ErrnoException {
        try {
            return call.run();
        } catch (SocketErrorException e) {
            throw new ErrnoException(e.error().number());
        } catch (ClosedChannelException e) {
            throw new ErrnoException(Linux.EBADF);
        } catch (SocketTimeoutException e) {
            throw new ErrnoException(Linux.EAGAIN); // SO_RCVTIMEO, SO_SNDTIMEO
        } catch (InterruptedIOException e) {
            throw new ErrnoException(Linux.EINTR);
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }
}
