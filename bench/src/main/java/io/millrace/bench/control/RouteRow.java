package io.millrace.bench.control;

/**
 * A route of a running server.
 *
 * @param text one line, as {@code ip route} prints it
 */
public record RouteRow(String text) {}
