package io.millrace.stack.socket.tcp;

/** Why a connection ended. */
public enum CloseReason {
    /** Both sides closed it and everything arrived. */
    NORMAL("closed by both sides"),
    /** The peer reset it. */
    RESET("reset by the peer"),
    /** The peer answered our attempt to connect with a reset. */
    REFUSED("connection refused"),
    /** The peer did not answer for too long. */
    TIMEOUT("timed out"),
    /** Aborted or closed on our side before it was established. */
    ABORTED("aborted"),
    /** No route leads to the peer, or we have no address to reach it from. */
    UNREACHABLE("no route to the peer"),
    /** All ports for connections to this peer, or all places for connections, are taken. */
    EXHAUSTED("no port or place for the connection is left"),
    /** The stack was closed. */
    STACK_CLOSED("the stack was closed");

    private final String text;

    CloseReason(final String text) {
        this.text = text;
    }

    /** A few words for a person. */
    public String text() {
        return text;
    }
}
