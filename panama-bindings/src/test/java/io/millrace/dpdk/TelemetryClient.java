package io.millrace.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** Asks DPDK's telemetry, whose socket is of a kind (SOCK_SEQPACKET) that the JDK does not have. */
final class TelemetryClient {
    private static final short AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int ADDRESS_BYTES = 110;
    private static final int ANSWER_BYTES = 16_384;

    private TelemetryClient() {}

    static String ask(final String path, final String command) {
        try (Arena arena = Arena.ofConfined()) {
            final int socket =
                    (int) link("socket", JAVA_INT, JAVA_INT, JAVA_INT).invokeExact((int) AF_UNIX, SOCK_SEQPACKET, 0);
            final MemorySegment address = arena.allocate(ADDRESS_BYTES);
            address.set(JAVA_SHORT, 0, AF_UNIX);
            address.setString(Short.BYTES, path);
            final int connected =
                    (int) link("connect", JAVA_INT, ADDRESS, JAVA_INT).invokeExact(socket, address, ADDRESS_BYTES);
            if (connected != 0) {
                return "cannot connect to " + path;
            }
            final MemorySegment answer = arena.allocate(ANSWER_BYTES);
            final MethodHandle receive = linkLong("recv", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
            final long greeting = (long) receive.invokeExact(socket, answer, (long) ANSWER_BYTES, 0);
            final MemorySegment text = arena.allocateFrom(command);
            final long sent = (long) linkLong("send", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT)
                    .invokeExact(socket, text, text.byteSize() - 1, 0);
            final long length = (long) receive.invokeExact(socket, answer, (long) ANSWER_BYTES, 0);
            final int closed = (int) link("close", JAVA_INT).invokeExact(socket);
            if (greeting <= 0 || sent <= 0 || length <= 0 || closed != 0) {
                return "no answer";
            }
            return new String(answer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static MethodHandle link(final String name, final ValueLayout... parameters) {
        return link(name, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static MethodHandle linkLong(final String name, final ValueLayout... parameters) {
        return link(name, FunctionDescriptor.of(JAVA_LONG, parameters));
    }

    private static MethodHandle link(final String name, final FunctionDescriptor descriptor) {
        final Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
}
