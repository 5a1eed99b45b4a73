package io.millrace.bench.agent;

/**
 * What a request is answered with.
 *
 * @param ret what the call returns
 * @param errno 0 unless that is -1
 * @param extra what else the call tells; empty for nothing
 */
record Answer(long ret, int errno, String extra) {
    static Answer of(long ret) {
        return new Answer(ret, 0, "");
    }

    static Answer of(long ret, String extra) {
        return new Answer(ret, 0, extra);
    }

    static Answer failed(int errno) {
        return new Answer(-1, errno, "");
    }

    /** The line, without its end. */
    String line() {
        return ret + " " + errno + (extra.isEmpty() ? "" : " " + extra);
    }
}
