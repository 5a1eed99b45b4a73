package io.millrace.bench.command;

import java.io.Console;

/** Whether a person watches. */
public final class Terminal {
    private Terminal() {}

    /** Whether standard input and output are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // whether it is null depends on the provider that the JDK picks
    public static boolean isThere() {
        final Console console = System.console();
        return console != null && console.isTerminal();
    }
}
