package io.millrace.config.tcp;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Problems;
import io.millrace.config.problem.Suggestions;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;

/** What one layer, a file or the flags, says of TCP. */
public final class TcpSettings {
    private final Problems problems;
    private final Map<TcpSetting, Located<TcpValue>> values = new EnumMap<>(TcpSetting.class);

    /**
     * Nothing set.
     *
     * @param problems gets what is wrong with the settings
     */
    public TcpSettings(Problems problems) {
        this.problems = problems;
    }

    /** Sets one. */
    public void set(TcpSetting setting, Located<String> text) {
        if (setting.syntax() == TcpSyntax.KEYS) {
            setKeys(setting, text);
            return;
        }
        final OptionalLong value = parse(setting, text.value());
        if (value.isPresent() && value.getAsLong() >= setting.min() && value.getAsLong() <= setting.max()) {
            values.put(setting, text.with(TcpValue.of(value.getAsLong())));
        } else if (setting.syntax() == TcpSyntax.CHOICE) {
            problems.add(
                    text.place(),
                    "'" + text.value() + "' is no value of " + setting.key(),
                    Suggestions.phrase(text.value(), setting.choices()));
        } else {
            problems.add(
                    text.place(),
                    value.isPresent()
                            ? setting.key() + " cannot be " + text.value()
                            : "'" + text.value() + "' is no value of " + setting.key(),
                    "write " + setting.syntax().advice()
                            + (setting.syntax() == TcpSyntax.SWITCH ? "" : ", from " + setting.range()));
        }
    }

    private void setKeys(TcpSetting setting, Located<String> text) {
        if (TcpSyntax.isKeys(text.value())) {
            values.put(setting, text.with(TcpValue.of(text.value())));
        } else {
            // Not what was written: it may be a secret but for one digit.
            problems.add(
                    text.place(),
                    "this is no value of " + setting.key(),
                    "write " + setting.syntax().advice());
        }
    }

    private static OptionalLong parse(TcpSetting setting, String text) {
        if (setting.syntax() != TcpSyntax.CHOICE) {
            return setting.syntax().parse(text);
        }
        final int index = setting.choices().indexOf(text);
        return index < 0 ? OptionalLong.empty() : OptionalLong.of(index);
    }

    /** Sets what a flag lists, {@code KEY=VALUE[,KEY=VALUE...]}. */
    public void list(Located<String> text) {
        for (final String part : text.value().split(",", -1)) {
            final int equals = part.indexOf('=');
            final String key = (equals < 0 ? part : part.substring(0, equals)).strip();
            final TcpSetting setting = TcpSetting.of(key);
            if (setting == null) {
                problems.add(
                        text.place(),
                        "no setting '" + key + "' of TCP",
                        Suggestions.nearest(key, TcpSetting.keys()) == null
                                ? "'millrace tcp-settings' lists them"
                                : Suggestions.phrase(key, TcpSetting.keys()));
            } else if (equals < 0) {
                problems.add(text.place(), key + " has no value", "write " + key + "=" + setting.range());
            } else if (values.containsKey(setting)) {
                problems.add(text.place(), key + " is there twice", "keep one of them");
            } else {
                set(setting, text.with(part.substring(equals + 1).strip()));
            }
        }
    }

    /** This layer over another, which supplies what it leaves out. */
    public TcpSettings over(TcpSettings lower) {
        final TcpSettings merged = new TcpSettings(problems);
        merged.values.putAll(lower.values);
        merged.values.putAll(values);
        return merged;
    }

    /** What was set, each within its range. */
    public Map<TcpSetting, Located<TcpValue>> resolve() {
        return Collections.unmodifiableMap(values.isEmpty() ? Map.of() : new EnumMap<>(values));
    }
}
