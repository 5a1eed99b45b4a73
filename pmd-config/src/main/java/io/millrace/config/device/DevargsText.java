package io.millrace.config.device;

import java.util.Map;

/** The text form of a device and its parameters that DPDK calls devargs. */
final class DevargsText {
    private DevargsText() {}

    static String join(String name, Map<String, String> parameters) {
        final StringBuilder text = new StringBuilder(name);
        parameters.forEach(
                (key, value) -> text.append(',').append(key).append('=').append(value));
        return text.toString();
    }
}
