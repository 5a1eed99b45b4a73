package io.millrace.bench.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {
    @ParameterizedTest
    @CsvSource({
        "/, '', true",
        "/a, a, false",
        "/a/, a, true",
        "/a/b.txt, a|b.txt, false",
        "/a//b, a|b, false",
        "/a/./b, a|b, false",
        "/a/../b, b, false",
        "/a/b/.., a, true",
        "/a/b/%2e%2E, a, true",
        "/a%20b, a b, false",
        "/%c3%a4, ä, false",
        "/a?b/c, a, false",
        "/a#b, a, false",
        "/...,  ..., false",
        "/a\\..\\b, a\\..\\b, false",
        "http://host:80/a/b, a|b, false",
        "HTTP://host, '', true",
    })
    void shouldSplitWhenTheTargetIsAPath(String target, String segments, boolean directory) {
        final RequestPath path = RequestPath.parse(target);
        assertNotNull(path);
        assertEquals(segments, String.join("|", path.segments()));
        assertEquals(directory, path.directory());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "a",
                "host:80",
                "/..",
                "/../etc/passwd",
                "/a/../../etc/passwd",
                "/%2e%2e/etc/passwd",
                "/a/%2e%2e/%2e%2e/b",
                "/a%2fb",
                "/..%2f..%2fetc%2fpasswd",
                "/a%00b",
                "/%",
                "/%1",
                "/%g1",
                "/%ff",
            })
    void shouldRefuseWhenTheTargetIsMalformedOrClimbsOut(String target) {
        assertNull(RequestPath.parse(target));
    }
}
