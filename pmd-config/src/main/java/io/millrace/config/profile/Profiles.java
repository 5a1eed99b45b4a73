package io.millrace.config.profile;

import io.millrace.config.ServeSettings;
import io.millrace.config.file.ConfigFile;
import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.config.problem.Suggestions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The ready-made profiles by name. */
public final class Profiles {
    private static final List<String> NAMES = List.of(
            "af_packet",
            "af_xdp",
            "tap",
            "ring",
            "memif",
            "vhost",
            "virtio_user",
            "null",
            "vfio",
            "forward-io",
            "forward-macswap",
            "forward-csum",
            "l2switch",
            "l3router",
            "responder",
            "recorder");

    private Profiles() {}

    /** The names, the one that runs in most places first. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * A profile as it would stand in a file.
     *
     * @param name one of {@link #names()}
     */
    public static String text(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("no profile " + name);
        }
        try (InputStream in = Profiles.class.getResourceAsStream(name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException(name + ".yaml is missing beside " + Profiles.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What a profile is for, in a few words: its first line.
     *
     * @param name one of {@link #names()}
     */
    public static String summary(String name) {
        final String text = text(name);
        return text.substring(0, text.indexOf('\n')).replaceFirst("^#\\s*", "");
    }

    /**
     * The settings of a profile.
     *
     * @param name as the user wrote it
     * @param base folder that relative paths start from
     * @param problems gets one more if there is no such profile
     */
    public static ServeSettings read(Located<String> name, Path base, Problems problems) {
        if (!NAMES.contains(name.value())) {
            problems.add(
                    name.place(),
                    "there is no profile '" + name.value() + "'",
                    Suggestions.phrase(name.value(), NAMES));
            final ServeSettings none = new ServeSettings(name.place(), base, problems);
            none.unreadable();
            return none;
        }
        return ConfigFile.parse("profile " + name.value(), text(name.value()), base, problems);
    }

    /**
     * Lays settings over the profile that they name, if they name one.
     *
     * @param settings a file's, or a file's below the flags
     * @param base folder that relative paths start from
     * @param problems gets what is wrong
     */
    public static ServeSettings beneath(ServeSettings settings, Path base, Problems problems) {
        final Located<String> name = settings.profile();
        return name == null ? settings : settings.over(read(name, base, problems));
    }
}
