package io.millrace.bench.demo;

import java.io.IOException;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;

/** Whoever sits at the other end of the wire and uses the server's services. Not thread-safe. */
interface DemoPeer extends AutoCloseable {
    /**
     * Echo requests of ICMP.
     *
     * @param address the server's
     * @param count how many
     * @return one round-trip time in microseconds for each that was answered
     */
    Histogram ping(String address, int count) throws IOException, InterruptedException;

    /**
     * Datagrams to the echo service, one after the other, compared byte by byte.
     *
     * @return one round-trip time in microseconds for each that came back as it was sent
     */
    Histogram udpEcho(String address, int port, int count) throws IOException, InterruptedException;

    /**
     * Fetches {@code path} over HTTP.
     *
     * @param progress is told how many bytes have arrived
     */
    Download download(String address, int port, String path, LongConsumer progress)
            throws IOException, InterruptedException;

    /**
     * Opens connections to the echo service, several at a time; each sends a few bytes, waits for them to come back, and
     * closes.
     *
     * @param progress is told how many are done
     */
    Connections connections(String address, int port, int count, LongConsumer progress)
            throws IOException, InterruptedException;

    @Override
    void close();

    /**
     * A file that was fetched.
     *
     * @param bytes of it
     * @param nanos from the request to the last byte
     * @param sha256 in hexadecimal
     */
    record Download(long bytes, long nanos, String sha256) {
        /** Bits of the file in a second, in units of 10<sup>9</sup>. */
        double gigabits() {
            return bytes * 8.0 / nanos;
        }
    }

    /**
     * Short connections that were made.
     *
     * @param latency microseconds from the first SYN to the last echoed byte, for each that worked
     * @param failed how many did not work
     * @param atOnce how many at a time
     * @param nanos for all of them
     */
    record Connections(Histogram latency, long failed, int atOnce, long nanos) {
        /** How many in a second. */
        double rate() {
            return latency.getTotalCount() * 1e9 / nanos;
        }
    }
}
