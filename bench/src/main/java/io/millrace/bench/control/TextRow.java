package io.millrace.bench.control;

/**
 * A line for a person.
 *
 * @param text without its end
 */
public record TextRow(String text) {}
