package io.millrace.bench.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Moves standard error from the launcher's filter to where the user sees it. The JVM warns about the incubator module
 * before any of our code runs, and no flag silences it; so the launcher starts the JVM with a filter at descriptor 2 and
 * the real standard error at another. From here on nothing passes the filter, neither what Java writes nor what native
 * libraries do, and so no last line can come after the end of the process.
 */
public final class StandardError {
    /** Property that whoever starts the JVM sets: the descriptor of the real standard error. */
    public static final String PROPERTY = "millrace.stderr";

    private static final int STDERR = 2;

    private StandardError() {}

    /** Does its work once; without the launcher there is nothing to do. */
    static void leaveFilter() {
        final Integer real = Integer.getInteger(PROPERTY);
        if (real == null) {
            return;
        }
        System.clearProperty(PROPERTY);
        final Linker linker = Linker.nativeLinker();
        try {
            // int dup2(int, int): where it fails the filter stays in place, which loses nothing.
            final int _ = (int) handle(linker, "dup2", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                    .invokeExact((int) real, STDERR);
            final int _ = (int) handle(linker, "close", ValueLayout.JAVA_INT).invokeExact((int) real);
        } catch (Throwable e) {
            throw new LinkageError("dup2 and close could not be called", e);
        }
    }

    @SuppressWarnings("restricted") // two functions of the C library whose signatures POSIX fixes
    private static MethodHandle handle(Linker linker, String name, ValueLayout... arguments) {
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }
}
