package io.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options of a listener, behind its port. */
class ListenSpecTest {
    private final Problems problems = new Problems();

    private @Nullable Located<ServiceSpec> parse(String text) {
        return Values.service(new Located<>(text, Place.flag("--tcp")), Protocol.TCP, problems);
    }

    @Test
    void shouldTakeOptionsBehindThePort() {
        final Located<ServiceSpec> service =
                parse("http:80/backlog=64/syn-backlog=256/cookies=always/defer-accept=5/mss=1200/no-delay=yes");
        assertNotNull(service, () -> problems.lines().toString());
        assertEquals(
                new ServiceSpec(ServiceKind.HTTP, 80, new ListenSpec(64, 256, CookieSetting.ALWAYS, 5, 1200, true)),
                service.value());
        assertEquals("http:80", service.value().toString());
        final Located<ServiceSpec> usual = parse("echo:7");
        assertNotNull(usual);
        assertEquals(ListenSpec.USUAL, usual.value().listen());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo:7/backlog=0|'0' is no backlog; write a whole number from 1 to 1000000",
                "echo:7/cookies=sometimes|'sometimes' says nothing about cookies; known: when-full, off, always",
                "echo:7/baklog=3|no option 'baklog' of a listener; did you mean backlog?",
                "echo:7/mss=40|'40' is no mss; write a whole number from 88 to 65495",
                "echo:7/|no option '' of a listener; known: backlog, syn-backlog, cookies, defer-accept, mss, no-delay",
            })
    void shouldSayWhatIsWrongWithAnOption(String text, String problem) {
        assertNull(parse(text));
        assertEquals("--tcp: " + problem, problems.lines().getFirst());
    }
}
