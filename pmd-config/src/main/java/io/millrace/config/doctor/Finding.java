package io.millrace.config.doctor;

import org.jspecify.annotations.Nullable;

/**
 * What one check found.
 *
 * @param status how bad it is
 * @param topic a word or two, for instance {@code hugepages}
 * @param what the fact, in one line
 * @param mend what to do about it, a command where there is one; null when all is well
 */
public record Finding(
        Status status, String topic, String what, @Nullable String mend) {
    /** How bad a finding is. */
    public enum Status {
        /** As it should be. */
        OK,
        /** Something will not work, or be slow. */
        WARN,
        /** Nothing will work. */
        FAIL
    }

    static Finding ok(String topic, String what) {
        return new Finding(Status.OK, topic, what, null);
    }

    static Finding warn(String topic, String what, String mend) {
        return new Finding(Status.WARN, topic, what, mend);
    }

    static Finding fail(String topic, String what, String mend) {
        return new Finding(Status.FAIL, topic, what, mend);
    }
}
