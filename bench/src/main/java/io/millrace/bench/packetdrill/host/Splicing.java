package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Event.Call;
import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.socketapi.Descriptor;
import io.millrace.bench.socketapi.ErrnoException;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.OpenFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls that move bytes between sockets, files and pipes: open, pipe, sendfile and splice. What a file or a pipe holds is
 * only counted; its content is what the stream is to have there.
 */
final class Splicing {
    /** What Linux lets a pipe hold. */
    private static final long PIPE = 65_536;

    private static final int WRITE_FLAGS = Linux.O_RDWR | 1;

    private final Host host;
    private final SystemCalls calls;

    Splicing(final Host host, final SystemCalls calls) {
        this.host = host;
        this.calls = calls;
    }

    /** A file that is read. */
    private static final class ReadFile implements OpenFile {
        final long size;
        long position;

        ReadFile(final long size) {
            this.size = size;
        }

        @Override
        public void close() {
            // holds nothing
        }
    }

    /** What is in a pipe, which both ends know. */
    private static final class Pipe {
        long held;
    }

    /** An end of a pipe. */
    private record End(Pipe pipe, boolean in) implements OpenFile {
        @Override
        public void close() {
            // holds nothing
        }
    }

    /** Opens a file that a command of the script made. */
    Outcome open(final Arguments arguments) throws ErrnoException {
        if (!(arguments.get(0) instanceof Expression.Text path) || (arguments.number(1) & WRITE_FLAGS) != 0) {
            throw new UnsupportedCallException("open() of what is not a file to read");
        }
        final Long size = host.fileSize(path.text());
        return size == null ? Outcome.error(Linux.ENOENT) : Outcome.of(host.open(new ReadFile(size)));
    }

    /** Makes a pipe with the numbers that the script says. */
    Outcome pipe(final Arguments arguments) throws ErrnoException {
        final List<Expression> numbers = SystemCalls.items(arguments.get(0));
        if (numbers.size() != 2) {
            throw new UnsupportedCallException("'" + arguments.get(0) + "' as the two ends of a pipe");
        }
        final Pipe pipe = new Pipe();
        for (int i = 0; i < 2; i++) {
            final int fd = host.open(new End(pipe, i == 1));
            if (!(numbers.get(i) instanceof Expression.Anything)) {
                host.rename(fd, Values.of(numbers.get(i)));
            }
        }
        return Outcome.ZERO;
    }

    /** Sends of a file, from an offset or from where it was read to. */
    Attempt sendFile(final Descriptor socket, final Arguments arguments) {
        final OpenFile from = host.get(arguments.number(1));
        if (!(from instanceof ReadFile file)) {
            return at -> Outcome.error(from == null ? Linux.EBADF : Linux.EINVAL);
        }
        final boolean given = !arguments.isNull(2);
        final long start = given ? arguments.number(2) : file.position;
        final long count = Math.clamp(file.size - start, 0, arguments.number(3));
        return count == 0
                ? at -> Outcome.ZERO
                : counted(calls.send(socket, null, count, 0), sent -> {
                    if (!given) {
                        file.position += sent;
                    }
                });
    }

    /** Moves from a socket into a pipe, or the other way. */
    Attempt splice(final Call call, final OpenFile from, final Arguments arguments) {
        final OpenFile to = host.get(arguments.number(2));
        final long count = arguments.number(4);
        if (from instanceof Descriptor socket && to instanceof End end && end.in()) {
            final long room = Math.min(count, PIPE - end.pipe().held);
            return counted(calls.receive(socket, room, 0), read -> end.pipe().held += read);
        }
        if (from instanceof End end && !end.in() && to instanceof Descriptor socket) {
            final long held = Math.min(count, end.pipe().held);
            return counted(calls.send(socket, null, held, 0), sent -> end.pipe().held -= sent);
        }
        throw new UnsupportedCallException(call.described() + " other than between a socket and a pipe");
    }

    /** Is told how many bytes were moved. */
    @FunctionalInterface
    private interface Moved {
        void bytes(long count);
    }

    private static Attempt counted(final Attempt attempt, final Moved moved) {
        return now -> {
            final @Nullable Outcome outcome = attempt.run(now);
            if (outcome != null && outcome.value() > 0) {
                moved.bytes(outcome.value());
            }
            return outcome;
        };
    }
}
