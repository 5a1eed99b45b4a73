package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.testkit.Origin;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What applications are told of ICMP errors: the numbers that Linux has for them. */
class IcmpMeaningTest {
    @ParameterizedTest
    @CsvSource({
        "4, 3, 0, ENETUNREACH",
        "4, 3, 1, EHOSTUNREACH",
        "4, 3, 2, ENOPROTOOPT",
        "4, 3, 3, ECONNREFUSED",
        "4, 3, 4, EMSGSIZE",
        "4, 3, 5, EOPNOTSUPP",
        "4, 3, 6, ENETUNREACH",
        "4, 3, 7, EHOSTDOWN",
        "4, 3, 8, ENONET",
        "4, 3, 9, ENETUNREACH",
        "4, 3, 10, EHOSTUNREACH",
        "4, 3, 11, ENETUNREACH",
        "4, 3, 12, EHOSTUNREACH",
        "4, 3, 13, EHOSTUNREACH",
        "4, 3, 14, EHOSTUNREACH",
        "4, 3, 15, EHOSTUNREACH",
        "4, 11, 0, EHOSTUNREACH",
        "4, 12, 0, EPROTO",
        "6, 1, 0, ENETUNREACH",
        "6, 1, 1, EACCES",
        "6, 1, 2, EHOSTUNREACH",
        "6, 1, 3, EHOSTUNREACH",
        "6, 1, 4, ECONNREFUSED",
        "6, 1, 5, EACCES",
        "6, 1, 6, EACCES",
        "6, 1, 7, EPROTO",
        "6, 1, 8, EPROTO",
        "6, 2, 0, EMSGSIZE",
        "6, 3, 0, EHOSTUNREACH",
        "6, 4, 1, EPROTO",
    })
    @Origin("RFC 1122 4.2.3.9")
    void shouldTellOfAnErrorAsLinuxDoes(final int family, final int type, final int code, final SocketError told) {
        assertEquals(told, IcmpMeaning.of(family, type, code));
    }

    @ParameterizedTest
    @CsvSource({"3, false", "6, true", "7, true", "8, true"})
    void shouldTakeCodesThatAreNotKnownForFinal(final int code, final boolean hard) {
        final IcmpErrorRepr error = new IcmpErrorRepr();
        error.kind = code == 6 ? IcmpErrorRepr.ADMIN_PROHIBITED : IcmpErrorRepr.HOST_UNREACHABLE;
        error.family = IpFamily.V6;
        error.type = Icmpv6View.UNREACHABLE;
        error.code = code;
        assertEquals(hard, IcmpMeaning.isHard(error));
    }
}
