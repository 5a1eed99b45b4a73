package io.millrace.bench.packetdrill;

import io.millrace.bench.packetdrill.host.MismatchException;
import io.millrace.bench.packetdrill.host.UnsupportedCallException;
import io.millrace.stack.socket.tcp.TcpState;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A command that counts sockets in a state, {@code sockstat ... | grep -c STATE | grep COUNT}: it is done to our stack. */
final class StateCheck {
    private static final Pattern COUNT = Pattern.compile(
            "sockstat (?:-\\S+ |tcp |[0-9]+ )*\\|(?: grep \\w+ \\|)? grep -c (\\w+) \\| grep ([0-9]{1,9})");
    /** Names that sockstat has and RFC 9293 has not. */
    private static final Map<String, String> NAMES = Map.of("SYN_RCVD", "SYN_RECEIVED", "CLOSED", "");

    private static final Set<String> STATES =
            Arrays.stream(TcpState.values()).map(Enum::name).collect(Collectors.toUnmodifiableSet());

    private StateCheck() {}

    /**
     * Runs a command if it is one.
     *
     * @param machine null if there were no sockets yet
     * @return whether it was
     * @throws MismatchException if there are not as many as it wants, or no such state
     */
    static boolean run(final String command, final @Nullable Machine machine) {
        final Matcher matcher = COUNT.matcher(command.strip());
        if (!matcher.matches()) {
            return false;
        }
        final String name =
                NAMES.getOrDefault(matcher.group(1), matcher.group(1)).toUpperCase(Locale.ROOT);
        if (name.isEmpty()) {
            throw new UnsupportedCallException("counting sockets that are closed");
        }
        final long wanted = Long.parseLong(matcher.group(2));
        if (!STATES.contains(name)) {
            throw new MismatchException("there is no state " + matcher.group(1));
        }
        final long found = machine == null ? 0 : machine.count(TcpState.valueOf(name));
        if (found != wanted) {
            throw new MismatchException("Expected " + wanted + " connections in " + name + " but there are " + found);
        }
        return true;
    }
}
