package io.millrace.stack.client;

/**
 * What a socket tells of something that was sent: when it passed a stage, see {@link
 * io.millrace.stack.socket.SendStage}, or that sends are complete. The error queue of Linux holds the same.
 *
 * @param kind what of
 * @param first of a stage: the position of the byte in the stream, from 0, or the number of the datagram among those that
 *     were asked for; of completions: the number of the first send
 * @param last of completions: the number of the last send; else the same as {@code first}
 * @param timestamp when, in microseconds on the stack's clock; -1 of completions
 */
public record SendNotice(Kind kind, long first, long last, long timestamp) {
    /** What a notice tells of. */
    public enum Kind {
        /** The packet was made for the interface. */
        SCHEDULED,
        /** The port took the packet. */
        SENT,
        /** The peer acknowledged the byte. */
        ACKNOWLEDGED,
        /**
         * Sends from {@code first} to {@code last} are complete: the peer acknowledged all their bytes, or the connection
         * is over, or they were datagrams, which are copied as they are sent.
         */
        COMPLETE
    }
}
