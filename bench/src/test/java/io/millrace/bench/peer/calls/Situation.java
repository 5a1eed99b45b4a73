package io.millrace.bench.peer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.agent.AgentRig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A situation that a socket can be in, as a line of {@code situations.txt} names it.
 *
 * @param name of it, which begins with the protocol
 * @param type SOCK_STREAM or SOCK_DGRAM
 * @param descriptor the socket that is looked at
 * @param calls that lead there, in which D is the family, A an address, P and Q are ports
 */
record Situation(String name, int type, int descriptor, List<String> calls) {
    /** Ports that nothing else uses: above those of the other tests, below those that are chosen by themselves. */
    private static final int FIRST_PORT = 12_000;

    private static final int PORTS = 10_000;

    /** All there are. */
    static List<Situation> all() throws IOException {
        final List<Situation> all = new ArrayList<>();
        for (final String line : LinuxCalls.lines("situations.txt")) {
            final String[] halves = line.split(": ", 2);
            final String[] words = halves[0].split(" ", 3);
            all.add(new Situation(
                    words[0],
                    Integer.parseInt(words[1]),
                    Integer.parseInt(words[2]),
                    List.of(halves[1].split("; ", -1))));
        }
        return all;
    }

    /**
     * Brings sockets of Linux's and of ours there.
     *
     * @param number another one each time
     * @return how many sockets are open on each side, from 3 on
     */
    int enter(final LinuxCalls linux, final AgentRig ours, final boolean ipv6, final int number) throws IOException {
        int opened = 0;
        for (final String call : calls) {
            final String request = concrete(call, ipv6, number);
            final String theirs = linux.ask(request);
            // Whom a connection comes from, and what else is ready, is not the matter here.
            assertEquals(head(theirs), head(ours.ask(request)), () -> name + ", on the way there: " + request);
            opened += request.startsWith("socket ") || request.startsWith("accept ") ? 1 : 0;
        }
        return opened;
    }

    /** Whether it is one of TCP. */
    boolean isStream() {
        return type == 1;
    }

    /** A request with its words in the place of letters. */
    String concrete(final String request, final boolean ipv6, final int number) {
        final int port = FIRST_PORT + 2 * (number % (PORTS / 2));
        return request.replace("F", Integer.toString(descriptor))
                .replace(" D ", ipv6 ? " 10 " : " 2 ")
                .replace(" A ", ipv6 ? " 2001:db8::1 " : " 10.0.0.1 ")
                .replaceAll(" P$", " " + port)
                .replaceAll(" Q$", " " + (port + 1));
    }

    private static String head(final String answer) {
        final String[] words = answer.split(" ", 3);
        return words[0] + " " + words[1];
    }
}
