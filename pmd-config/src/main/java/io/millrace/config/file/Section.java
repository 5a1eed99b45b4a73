package io.millrace.config.file;

import io.millrace.config.problem.Located;
import io.millrace.config.problem.Place;
import io.millrace.config.problem.Problems;
import io.millrace.config.problem.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One mapping of the file, read key by key; {@link #finish} reports the keys that nobody asked for. */
final class Section {
    private final String source;
    private final Problems problems;
    private final Place place;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    private Section(String source, MappingNode node, String path, Problems problems) {
        this.source = source;
        this.problems = problems;
        this.place = at(node, path);
        for (final NodeTuple entry : node.getValue()) {
            final String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : null;
            if (key == null) {
                problems.add(
                        at(entry.getKeyNode(), path), "a key that is no text", "write a plain word before the colon");
            } else if (entries.putIfAbsent(key, entry) != null) {
                problems.add(at(entry.getKeyNode(), path(key)), "this key is there twice", "keep one of them");
            }
        }
    }

    /** The file's top level, or null after adding a problem if that is no mapping. */
    static @Nullable Section top(String source, Node node, Problems problems) {
        if (node instanceof MappingNode mapping) {
            return new Section(source, mapping, "", problems);
        }
        problems.add(place(source, node, ""), "the file holds no settings", "write lines such as 'shards: 1'");
        return null;
    }

    Place place() {
        return place;
    }

    /** Hands over the text of a key, if it is there. */
    void text(String key, Consumer<Located<String>> setter) {
        final NodeTuple entry = take(key);
        if (entry != null) {
            final Located<String> text = scalar(entry.getValueNode(), path(key));
            if (text != null) {
                setter.accept(text);
            }
        }
    }

    /** Hands over the texts of a key, if it is there: a list, or a single one without the dash. */
    void texts(String key, Consumer<List<Located<String>>> setter) {
        final NodeTuple entry = take(key);
        if (entry == null) {
            return;
        }
        final List<Located<String>> texts = new ArrayList<>();
        if (entry.getValueNode() instanceof SequenceNode sequence) {
            int index = 0;
            for (final Node item : sequence.getValue()) {
                final Located<String> text = scalar(item, path(key) + "[" + index++ + "]");
                if (text != null) {
                    texts.add(text);
                }
            }
        } else {
            final Located<String> text = scalar(entry.getValueNode(), path(key));
            if (text != null) {
                texts.add(text);
            }
        }
        setter.accept(texts);
    }

    /** Hands over the mapping of a key, if it is there. */
    void section(String key, Consumer<Section> reader) {
        final NodeTuple entry = take(key);
        if (entry != null) {
            read(entry.getValueNode(), path(key), reader);
        }
    }

    /**
     * Hands over each mapping in the list of a key, if it is there.
     *
     * @param failed runs for each entry that is no mapping
     */
    void sections(String key, Consumer<Section> reader, Runnable failed) {
        final NodeTuple entry = take(key);
        if (entry == null) {
            return;
        }
        if (entry.getValueNode() instanceof SequenceNode sequence) {
            int index = 0;
            for (final Node item : sequence.getValue()) {
                if (!read(item, path(key) + "[" + index++ + "]", reader)) {
                    failed.run();
                }
            }
        } else {
            problems.add(at(entry.getValueNode(), path(key)), "a list is needed here", "begin each entry with '- '");
            failed.run();
        }
    }

    /** Reports every key that was not asked for. */
    void finish() {
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                problems.add(at(entry.getKeyNode(), path(key)), "unknown key", Suggestions.phrase(key, known));
            }
        });
    }

    private boolean read(Node node, String path, Consumer<Section> reader) {
        if (node instanceof MappingNode mapping) {
            final Section section = new Section(source, mapping, path, problems);
            reader.accept(section);
            section.finish();
            return true;
        } else {
            problems.add(at(node, path), "settings are needed here", "write 'key: value' lines, indented");
            return false;
        }
    }

    private @Nullable NodeTuple take(String key) {
        known.add(key);
        return entries.get(key);
    }

    private @Nullable Located<String> scalar(Node node, String path) {
        final Place where = at(node, path);
        if (!(node instanceof ScalarNode scalar)) {
            problems.add(where, "a single value is needed here", "write it behind the colon");
            return null;
        }
        if (scalar.getTag().equals(Tag.NULL)) {
            problems.add(where, "no value", "write one behind the colon, or remove the key");
            return null;
        }
        return new Located<>(scalar.getValue().strip(), where);
    }

    private String path(String key) {
        return place.path().isEmpty() ? key : place.path() + "." + key;
    }

    private Place at(Node node, String path) {
        return place(source, node, path);
    }

    private static Place place(String source, Node node, String path) {
        final Mark mark = node.getStartMark().orElse(null);
        return mark == null
                ? new Place(source, 1, 1, path)
                : new Place(source, mark.getLine() + 1, mark.getColumn() + 1, path);
    }
}
