package io.millrace.bench.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(300)
class ExamplesTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource({
        "tcp-echo, 'echoed:     hello, millrace', 256 of 256 buffers are back",
        "tcp-options, 'answer:     200 here it is, all of it', '1 connection made from a cookie, 0 lost'",
        "fast-open, 'connection 1: who is there? after 1', 'server: 2 connections opened by their SYN'",
        "signed, 'with the key:    OPEN', 'with another:    TIMEOUT'",
        "times, 'datagram  sent          at    500 us', 'byte 2999 acknowledged  at  1,500 us'",
        "threads, 'echoed:     100 of 100 greetings', 1024 of 1024 buffers are back",
        "packet-threads, 'ping:  3 of 3 requests', 'protocol 253 from 10.0.0.1: 34 bytes, \"straight on IP\"'",
        "packet-threads, 'to 10.0.0.1: hop limit 17, DSCP 46, interface 0', 'port 5001 of 10.0.0.1 is closed: true'",
        "shards, 'accepted:   40 connections, both shards some: true', 'shard 0 takes no more: true, shard 2 some:"
                + " true'",
        "wire-transfer, '8,388,608 bytes arrived, 0 of them wrong', 1  ARP requests",
        "udp-and-ping, UDP  from [2001:db8::2]:7: HELLO OVER, 'ping from 192.0.2.2: 56 bytes, sequence 1'",
        "udp-runs, '7700 bytes by one call, 7 datagrams of 1200 bytes from [2001:db8::1]:4433', the last of 500",
        "udp-errors, 'to 192.0.2.2: hop limit 17, DSCP 46, ECN 2', '192.0.2.2 says that port 5001 of 192.0.2.2 is"
                + " closed: true'",
        "multicast, 'second member: 239.1.2.3 from 192.0.2.1:5353', 'first member:  ff02::1:2:3 from"
                + " [fe80::ff:fe00:a]:5353'",
        "raw-socket, 'protocol 253 from 192.0.2.1: 32 bytes, \"hello', ': 4000 bytes, \"and a'",
        "router, 'hop 1: 2001:db8:1::1 says that the time is over', 'hop 2: 2001:db8:2::2 answers'",
        "router, route of the host, 'the router takes a packet from 2001:db8:1::2 to 2001:db8:2::2'",
        "own-device, ping 3 answered, 'txErrors=0'",
        "own-node, '0x86dd  in: out to splitter  splitter: v6 to right  right: gone', 1 frames that are neither",
    })
    void shouldShowWhatItPromisesWhenItRuns(String name, String first, String second) {
        assertEquals(0, run("example", name), err::toString);
        assertTrue(out.toString().contains(first), out::toString);
        assertTrue(out.toString().contains(second), out::toString);
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldNameASourceThatIsThereWhenItEnds(String name) {
        assertEquals(0, run("example", name));
        final String last = out.toString().lines().toList().getLast();
        assertTrue(Files.exists(Path.of("..", last.substring("Read it in ".length()))), last);
    }

    @Test
    void shouldListTheExamplesWhenNoneIsNamed() {
        assertEquals(0, run("example"));
        assertTrue(out.toString().startsWith("tcp-echo "), out::toString);
        assertEquals(
                names().count(),
                out.toString().lines().takeWhile(line -> !line.isEmpty()).count());
    }

    @Test
    void shouldSayWhichThereAreWhenTheNameIsWrong() {
        assertEquals(2, run("example", "tcp-eco"));
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().contains(names().collect(Collectors.joining(", "))), err::toString);
    }

    private static Stream<String> names() {
        return StreamSupport.stream(new ExampleCommand.Names().spliterator(), false);
    }

    private int run(String... arguments) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}
