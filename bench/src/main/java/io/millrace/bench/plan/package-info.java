/**
 * What {@code serve} and {@code forward} are to do, made of flags, a file and a profile:
 * {@link io.millrace.bench.plan.PlanChecks} checks what {@code io.millrace.config} cannot, which knows no addresses, keys
 * and filters, and tells all mistakes at once.
 */
@NullMarked
package io.millrace.bench.plan;

import org.jspecify.annotations.NullMarked;
