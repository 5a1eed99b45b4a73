package io.millrace.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.config.profile.Profiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class ProfilesCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(out), new PrintWriter(err), args);
    }

    @Test
    void shouldListEveryProfileWhenNoneIsNamed() {
        assertEquals(0, run("profiles"));
        assertEquals(Profiles.names().size(), out.toString().lines().count());
        assertTrue(out.toString().contains("vfio             A NIC of one's own"), out::toString);
    }

    @Test
    void shouldPrintTheProfileWhenOneIsNamed() {
        assertEquals(0, run("profiles", "tap"));
        assertEquals(Profiles.text("tap"), out.toString());
    }

    @Test
    void shouldSuggestAProfileWhenTheNameIsUnknown() {
        assertEquals(2, run("profiles", "af-packet"));
        assertEquals("millrace profiles: there is no profile 'af-packet'; did you mean af_packet?\n", err.toString());
    }
}
