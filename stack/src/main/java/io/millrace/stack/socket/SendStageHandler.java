package io.millrace.stack.socket;

/** Hears when what was sent passed the stages that were asked for. */
@FunctionalInterface
public interface SendStageHandler {
    /**
     * Something passed a stage. Called within the stack's poll, on its thread, perhaps in the poll after.
     *
     * @param stage which
     * @param key what: the number that a datagram was given
     * @param micros when, on the clock that the stack is told
     */
    void onSendStage(SendStage stage, long key, long micros);
}
