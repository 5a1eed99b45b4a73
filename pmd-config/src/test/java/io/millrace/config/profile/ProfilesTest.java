package io.millrace.config.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.config.ServeConfig;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ProfilesTest {
    static Stream<String> names() {
        return Profiles.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldBeCompleteWhenRunAsItIs(String name) {
        final Problems problems = new Problems();
        final ServeConfig config = Profiles.read(new Located<>(name, Place.flag("--profile")), Path.of(""), problems)
                .resolve();
        assertEquals(List.of(), problems.lines());
        assertNotNull(config);
        if (config.appliance() != null) {
            assertTrue(name.endsWith(config.appliance().mode().text()), name);
            return;
        }
        final String device = config.devices().getFirst().text();
        assertTrue(name.equals("vfio") || device.startsWith("net_" + name + "0"), device);
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldSayWhatItIsForInItsFirstLine(String name) {
        assertTrue(Profiles.text(name).startsWith("# " + Profiles.summary(name)));
        assertFalse(Profiles.summary(name).isBlank());
    }

    @Test
    void shouldNameTheNearestWhenThereIsNoSuchProfile() {
        final Problems problems = new Problems();
        Profiles.read(new Located<>("afpacket", Place.flag("--profile")), Path.of(""), problems)
                .resolve();
        assertEquals(List.of("--profile: there is no profile 'afpacket'; did you mean af_packet?"), problems.lines());
    }
}
