package io.millrace.bench.conformance;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.millrace.testkit.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the {@link Origin} tags of all test classes: origin to the tests that carry it. */
final class Origins {
    private Origins() {}

    static Map<String, List<String>> read() {
        final Map<String, List<String>> tests = new TreeMap<>();
        final JavaClasses classes = new ClassFileImporter().importPackages("io.millrace");
        for (final JavaClass type : classes) {
            collect(type, type.getSimpleName(), tests);
            for (final JavaMethod method : type.getMethods()) {
                collect(method, type.getSimpleName() + "." + method.getName(), tests);
            }
        }
        return tests;
    }

    private static void collect(
            final HasAnnotations<?> tagged, final String name, final Map<String, List<String>> tests) {
        for (final JavaAnnotation<?> annotation : tagged.getAnnotations()) {
            final String type = annotation.getRawType().getName();
            if (type.equals(Origin.class.getName())) {
                add(annotation, name, tests);
            } else if (type.equals(Origin.List.class.getName())) {
                for (final Object nested : (Object[]) annotation.get("value").orElseThrow()) {
                    add((JavaAnnotation<?>) nested, name, tests);
                }
            }
        }
    }

    private static void add(final JavaAnnotation<?> origin, final String name, final Map<String, List<String>> tests) {
        final String value = (String) origin.get("value").orElseThrow();
        tests.computeIfAbsent(value, key -> new ArrayList<>()).add(name);
    }
}
