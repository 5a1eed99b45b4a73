package io.millrace.config.file;

import io.millrace.config.device.PortSpec;
import io.millrace.config.problem.Located;
import io.millrace.config.tcp.TcpValue;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A record and all it holds as lines {@code path = value}, for comparison with a file. */
final class RecordText {
    private final List<String> lines = new ArrayList<>();
    private final Path base;

    private RecordText(Path base) {
        this.base = base;
    }

    static List<String> of(Record value, Path base) {
        final RecordText text = new RecordText(base);
        text.add("", value);
        return text.lines;
    }

    private void add(String path, Object value) {
        switch (value) {
            case null -> lines.add(path + " = -");
            case Located<?> located -> add(path, located.value());
            case PortSpec spec -> lines.add(path + " = " + spec.text());
            case TcpValue set -> lines.add(path + " = " + (set.text().isEmpty() ? set.number() : set.text()));
            case Path file -> lines.add(path + " = " + base.relativize(file.toAbsolutePath()));
            case List<?> list -> {
                lines.add(path + ".size = " + list.size());
                for (int i = 0; i < list.size(); i++) {
                    add(path + "[" + i + "]", list.get(i));
                }
            }
            case Map<?, ?> map -> map.forEach((key, part) -> add(path + "." + key, part));
            case Record parts -> {
                for (final RecordComponent component : parts.getClass().getRecordComponents()) {
                    add(path.isEmpty() ? component.getName() : path + "." + component.getName(), get(component, parts));
                }
            }
            default -> lines.add(path + " = " + value);
        }
    }

    private static Object get(RecordComponent component, Record parts) {
        try {
            return component.getAccessor().invoke(parts);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
