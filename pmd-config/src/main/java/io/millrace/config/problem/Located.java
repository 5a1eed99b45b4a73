package io.millrace.config.problem;

/**
 * A setting and where it was written.
 *
 * @param value the setting
 * @param place where to point when it turns out to be wrong
 */
public record Located<T>(T value, Place place) {
    /** Another value at the same place: what this one was parsed into. */
    public <R> Located<R> with(R parsed) {
        return new Located<>(parsed, place);
    }
}
