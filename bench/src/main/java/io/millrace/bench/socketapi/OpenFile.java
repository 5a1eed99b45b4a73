package io.millrace.bench.socketapi;

/** What a descriptor stands for. */
public interface OpenFile {
    /** The program closed it. */
    void close();
}
