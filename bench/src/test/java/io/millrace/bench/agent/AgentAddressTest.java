package io.millrace.bench.agent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses that requests name, as Linux understands them. */
class AgentAddressTest extends AgentCallsTest {
    @Test
    void shouldHearIpv4OnADatagramSocketOfIpv6UnlessToldNotTo() {
        expect("3 0", "socket 10 2 0");
        expect("0 0", "bind 3 :: 53");
        expect("4 0", "socket 2 2 0");
        expect("-1 98", "bind 4 10.0.0.1 53");
        expect("0 0", "bind 4 10.0.0.1 54");
        expect("5 0", "sendto 4 5 0 10.0.0.1 53");
        expect("5 0 ::ffff:10.0.0.1 54", "recvfrom 3 9 0");
        expect("6 0", "sendto 3 6 0 ::ffff:10.0.0.1 54");
        expect("7 0", "sendto 3 7 0 10.0.0.1 54"); // an address of AF_INET will do
        expect("6 0 10.0.0.1 53", "recvfrom 4 9 0");
        expect("7 0 10.0.0.1 53", "recvfrom 4 9 0");
        expect("0 0", "connect 3 10.0.0.1 54");
        expect("8 0", "send 3 8 0");
        expect("8 0 10.0.0.1 53", "recvfrom 4 9 0");
        expect("0 0", "close 3");
        expect("3 0", "socket 10 2 0");
        expect("0 0", "setsockopt 3 41 26 01000000");
        expect("0 0", "bind 3 :: 53");
        expect("-1 101", "sendto 3 1 0 10.0.0.1 54");
        expect("5 0", "socket 2 2 0");
        expect("0 0", "bind 5 10.0.0.1 53");
        expect("6 0", "socket 10 2 0");
        expect("0 0", "bind 6 2001:db8::1 55");
        expect("-1 101", "sendto 6 1 0 10.0.0.1 54");
    }

    @Test
    void shouldTakeTheHostItselfForNobody() {
        expect("3 0", "socket 2 2 0");
        expect("0 0", "bind 3 0.0.0.0 53");
        expect("5 0", "sendto 3 5 0 0.0.0.0 53");
        expect("5 0 10.0.0.1 53", "recvfrom 3 9 0");
        expect("4 0", "socket 2 1 0");
        expect("-1 111", "connect 4 0.0.0.0 8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "255.255.255.255"})
    void shouldNeedAWayToMany(String many) {
        expect("3 0", "socket 2 2 0");
        expect("0 0", "setsockopt 3 1 6 01000000");
        expect("-1 101", "sendto 3 1 0 " + many + " 99");
        expect("-1 101", "connect 3 " + many + " 99");
        expect("0 0", "bind 3 10.0.0.1 53");
        expect("1 0", "sendto 3 1 0 " + many + " 99");
    }

    @Test
    void shouldTakeTheZoneOfAnAddress() {
        expect("3 0", "socket 10 2 0");
        expect("-1 99", "bind 3 fe80::1%7 53"); // no such interface
        expect("-1 22", "bind 3 fe80::1% 53");
        expect("-1 22", "bind 3 2001:db8::1%0 53"); // its scope is the world
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "04000000", "05000000"})
    void shouldKeepHowThePathsMtuIsLookedFor(String told) {
        expect("3 0", "socket 2 1 0");
        expect("0 0", "setsockopt 3 0 10 " + told);
        expect("0 0 " + told, "getsockopt 3 0 10 4");
        expect("-1 22", "setsockopt 3 0 10 06000000");
    }
}
