package io.millrace.stack.socket.tcp.config;

/**
 * How much memory connections take for what they send and receive. Sizes are bytes. A part of {@link TcpConfig};
 * immutable.
 *
 * @param sendBuffer most bytes of a connection that wait to be sent or acknowledged, at first
 * @param sendBufferLimit what that grows to, to twice the congestion window, as long as memory is plenty
 * @param receiveBuffer most bytes of a connection that wait to be read, at first; the largest window offered
 * @param receiveBufferLimit what that grows to, with what the application reads in a round trip, as long as memory is
 *     plenty; the scale of windows is made for it
 * @param notSentLowWater most bytes of a connection that are queued and were never sent, 2^30 for no such limit: it
 *     bounds what the application may queue beside the send buffer, unless the connection's options say otherwise
 * @param bufferMemory bytes for the buffers of all connections of a shard together. When all but a sixteenth is used,
 *     windows open by little, connections lose what has lain behind a gap for a second, and those send a little that
 *     have nothing queued
 * @param chunkSize bytes in which buffers grow, a power of two
 */
public record TcpBuffers(
        int sendBuffer,
        int sendBufferLimit,
        int receiveBuffer,
        int receiveBufferLimit,
        int notSentLowWater,
        long bufferMemory,
        int chunkSize) {
    private static final int MOST = 1 << 30;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the first that is out of range
     */
    public TcpBuffers {
        TcpConfig.require(sendBuffer >= 1 && sendBuffer <= MOST, "sendBuffer", sendBuffer, "1 to 1073741824");
        TcpConfig.require(
                receiveBuffer >= 1 && receiveBuffer <= MOST, "receiveBuffer", receiveBuffer, "1 to 1073741824");
        TcpConfig.require(
                sendBufferLimit >= sendBuffer && sendBufferLimit <= MOST,
                "sendBufferLimit",
                sendBufferLimit,
                "sendBuffer to 1073741824");
        TcpConfig.require(
                receiveBufferLimit >= receiveBuffer && receiveBufferLimit <= MOST,
                "receiveBufferLimit",
                receiveBufferLimit,
                "receiveBuffer to 1073741824");
        TcpConfig.require(
                notSentLowWater >= 1 && notSentLowWater <= MOST, "notSentLowWater", notSentLowWater, "1 to 1073741824");
        TcpConfig.require(
                chunkSize >= 64 && Integer.bitCount(chunkSize) == 1,
                "chunkSize",
                chunkSize,
                "a power of two from 64 on");
        TcpConfig.require(bufferMemory >= chunkSize, "bufferMemory", bufferMemory, "at least chunkSize");
    }
}
