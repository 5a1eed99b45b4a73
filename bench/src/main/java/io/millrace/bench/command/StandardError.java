package io.millrace.bench.command;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

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
    private static final String FLAGS = "flags:";
    private static final int OCTAL = 8;
    private static final int O_ACCMODE = 3;
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;

    private StandardError() {}

    /**
     * Does its work once; without the launcher there is nothing to do.
     *
     * @throws UserErrorException if somebody set the property by hand, and nothing was opened at the descriptor for it
     */
    public static void leaveFilter() {
        final String text = System.getProperty(PROPERTY);
        if (text == null) {
            return;
        }
        System.clearProperty(PROPERTY);
        if (!text.matches("[0-9]{1,9}") || !isInherited(Path.of("/proc/self/fdinfo", text))) {
            throw new UserErrorException("-D" + PROPERTY + "=" + text + ": nothing that can be written to was opened"
                    + " there before the JVM started; start millrace by its launcher, or leave the property out");
        }
        final int real = Integer.parseInt(text);
        final Linker linker = Linker.nativeLinker();
        try {
            // int dup2(int, int): where it fails the filter stays in place, which loses nothing.
            final int _ = (int) handle(linker, "dup2", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                    .invokeExact(real, STDERR);
            final int _ = (int) handle(linker, "close", ValueLayout.JAVA_INT).invokeExact(real);
        } catch (Throwable e) {
            throw new LinkageError("dup2 and close could not be called", e);
        }
    }

    /**
     * Whether a descriptor may be the standard error that we were given. At one that was free the JVM opens files of its
     * own, which it only reads, or which end with the next exec; to close one of those is its death.
     */
    private static boolean isInherited(Path info) {
        try {
            for (final String line : Files.readAllLines(info)) {
                if (line.startsWith(FLAGS)) {
                    final int flags = Integer.parseUnsignedInt(
                            line.substring(FLAGS.length()).strip(), OCTAL);
                    return (flags & O_ACCMODE) != O_RDONLY && (flags & O_CLOEXEC) == 0;
                }
            }
            return false;
        } catch (IOException e) {
            return false; // not open
        }
    }

    @SuppressWarnings("restricted") // two functions of the C library whose signatures POSIX fixes
    private static MethodHandle handle(Linker linker, String name, ValueLayout... arguments) {
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }
}
