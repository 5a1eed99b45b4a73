package io.millrace.stack.socket.tcp;

/**
 * What Accurate ECN counted of one direction of a connection (RFC 9768 section 3.2.1), from 0 on; all counts wrap. A part of
 * {@link TcpInfo}, and filled with it.
 */
public final class EcnCounts {
    /** Packets that were marked: CE. */
    public int cePackets;

    /** Bytes of payload that arrived with ECT(0). */
    public int ect0Bytes;

    /** Bytes of payload that arrived with CE. */
    public int ceBytes;

    /** Bytes of payload that arrived with ECT(1). */
    public int ect1Bytes;

    EcnCounts() {}

    /** Nothing was counted. */
    void clear() {
        cePackets = 0;
        ect0Bytes = 0;
        ceBytes = 0;
        ect1Bytes = 0;
    }
}
