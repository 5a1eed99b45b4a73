package io.millrace.bench.example;

import java.io.PrintWriter;

/** A program that shows something. */
interface Example {
    /** What {@code millrace example} calls it. */
    String name();

    /** What it shows, in a few words. */
    String summary();

    /**
     * Runs it.
     *
     * @param out where it tells what it does
     */
    void run(PrintWriter out) throws Exception;
}
