package io.millrace.bench.packetdrill.host;

import io.millrace.bench.packetdrill.script.Expression;
import io.millrace.bench.socketapi.Linux;
import io.millrace.bench.socketapi.QueuedError;
import java.util.ArrayList;
import java.util.List;

/** What {@code recvmsg} with MSG_ERRQUEUE tells, compared with what a script expects. */
final class ErrorQueue {
    private static final long SECOND = 1_000_000;
    private static final long NANOS_PER_MICRO = 1_000;

    private final long origin;
    private final long tolerance;

    /**
     * Compares.
     *
     * @param origin the stack's time when the script began, microseconds
     * @param tolerance by how many of them a time may be off
     */
    ErrorQueue(final long origin, final long tolerance) {
        this.origin = origin;
        this.tolerance = tolerance;
    }

    /**
     * Compares the message of an entry with that of the script.
     *
     * @param flags {@code msg_flags}
     * @throws UnsupportedCallException if the script expects something of another kind
     */
    void check(final QueuedError error, final int flags, final Arguments arguments) {
        arguments.checkFlags(1, flags);
        final List<String> kinds = new ArrayList<>();
        for (final Expression message : arguments.control(1)) {
            if (!(message instanceof Expression.Fields fields)) {
                throw new UnsupportedCallException("ancillary data " + message);
            }
            kinds.add(kind(fields));
            if (kinds.getLast().equals("time")) {
                checkTime(error, fields(fields));
            } else {
                checkError(error, fields(fields));
            }
        }
        final List<String> told = error.micros() < 0 ? List.of("error") : List.of("time", "error");
        if (!kinds.equals(told)) {
            throw new MismatchException("Expected ancillary data " + arguments.control(1) + " but got " + told);
        }
    }

    private static String kind(final Expression.Fields message) {
        final Expression level = message.field("cmsg_level");
        final Expression type = message.field("cmsg_type");
        if (level == null || type == null) {
            throw new UnsupportedCallException("ancillary data " + message);
        }
        // The names stand for those of the script's family.
        if (level.toString().equals("CMSG_LEVEL_IP") && type.toString().equals("CMSG_TYPE_RECVERR")) {
            return "error";
        }
        final long number = Values.of(level);
        final long which = Values.of(type);
        if (number == Linux.SOL_SOCKET && which == Linux.SCM_TIMESTAMPING) {
            return "time";
        }
        if ((number == Linux.SOL_IP && which == Linux.IP_RECVERR)
                || (number == Linux.SOL_IPV6 && which == Linux.IPV6_RECVERR)) {
            return "error";
        }
        throw new UnsupportedCallException("ancillary data " + message);
    }

    private static Expression.Fields fields(final Expression.Fields message) {
        if (message.field("cmsg_data") instanceof Expression.Fields data) {
            return data;
        }
        throw new UnsupportedCallException("ancillary data " + message);
    }

    private void checkTime(final QueuedError error, final Expression.Fields expected) {
        final long wanted = number(expected, "scm_sec", 0) * SECOND + number(expected, "scm_nsec", 0) / NANOS_PER_MICRO;
        final long actual = error.micros() - origin;
        if (error.micros() >= 0 && Math.abs(actual - wanted) > tolerance) {
            throw new MismatchException(
                    "Expected a time of " + wanted + " us but got " + actual + " us, tolerance " + tolerance);
        }
    }

    private static void checkError(final QueuedError error, final Expression.Fields expected) {
        compare(expected, "ee_errno", error.errno());
        compare(expected, "ee_origin", error.origin());
        compare(expected, "ee_type", error.type());
        compare(expected, "ee_code", error.code());
        compare(expected, "ee_info", error.info());
        compare(expected, "ee_data", error.data());
    }

    private static void compare(final Expression.Fields expected, final String name, final int actual) {
        final long wanted = number(expected, name, actual);
        if ((int) wanted != actual) {
            throw new MismatchException("Expected " + name + " " + wanted + " but got " + actual);
        }
    }

    private static long number(final Expression.Fields fields, final String name, final long otherwise) {
        final Expression value = fields.field(name);
        return value == null || value instanceof Expression.Anything ? otherwise : Values.of(value);
    }
}
