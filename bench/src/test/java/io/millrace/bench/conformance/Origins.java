package io.millrace.bench.conformance;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.millrace.testkit.Origin;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the {@link Origin} tags of all test classes. */
final class Origins {
    /** Origin to the tests that carry it, each with how it differs (or the empty text), both in alphabetical order. */
    private final SortedMap<String, SortedMap<String, String>> tests = new TreeMap<>();

    private Origins() {}

    /** Every tag on the class path. */
    static Origins read() {
        final Origins origins = new Origins();
        final JavaClasses classes = new ClassFileImporter().importPackages("io.millrace");
        for (final JavaClass type : classes) {
            origins.collect(type, type.getSimpleName());
            for (final JavaMethod method : type.getMethods()) {
                origins.collect(method, type.getSimpleName() + "." + method.getName());
            }
        }
        return origins;
    }

    /** All origins in alphabetical order. */
    Iterable<String> all() {
        return new TreeSet<>(tests.keySet());
    }

    /** The tests that carry an origin, with how each differs; empty if none does. */
    SortedMap<String, String> tests(final String origin) {
        return tests.getOrDefault(origin, new TreeMap<>());
    }

    private void collect(final HasAnnotations<?> tagged, final String name) {
        for (final JavaAnnotation<?> annotation : tagged.getAnnotations()) {
            final String type = annotation.getRawType().getName();
            if (type.equals(Origin.class.getName())) {
                add(annotation, name);
            } else if (type.equals(Origin.List.class.getName())) {
                for (final Object nested : (Object[]) annotation.get("value").orElseThrow()) {
                    add((JavaAnnotation<?>) nested, name);
                }
            }
        }
    }

    private void add(final JavaAnnotation<?> origin, final String name) {
        final String value = (String) origin.get("value").orElseThrow();
        final String differs = (String) origin.get("differs").orElse("");
        tests.computeIfAbsent(value, key -> new TreeMap<>()).merge(name, differs, (a, b) -> a.isEmpty() ? b : a);
    }
}
