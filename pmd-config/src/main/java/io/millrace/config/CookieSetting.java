package io.millrace.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** When a listener answers with SYN cookies (RFC 4987). */
public enum CookieSetting {
    /** For SYNs that there is no room for. */
    WHEN_FULL,
    /** Never: these are dropped. */
    OFF,
    /** For all. */
    ALWAYS;

    /** The name in flags and files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All names, the default first. */
    public static List<String> names() {
        return Arrays.stream(values()).map(CookieSetting::text).toList();
    }

    static @Nullable CookieSetting of(String text) {
        for (final CookieSetting setting : values()) {
            if (setting.text().equals(text)) {
                return setting;
            }
        }
        return null;
    }
}
