package io.millrace.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Where a test's scenario comes from: an RFC section, or a scenario of another stack. The conformance report reads it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@Repeatable(Origin.List.class)
public @interface Origin {
    /** {@code "RFC 1071 3"} or {@code "smoltcp:wire::arp::test_emit"}. */
    String value();

    /** How the outcome differs from that of the scenario's source, and why; empty if it is the same. */
    String differs() default "";

    /** Holds several. */
    @Documented
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.METHOD, ElementType.TYPE})
    @interface List {
        /** The origins. */
        Origin[] value();
    }
}
