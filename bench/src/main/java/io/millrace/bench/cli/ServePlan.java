package io.millrace.bench.cli;

import io.millrace.config.ServeConfig;
import java.util.List;

/**
 * What {@code serve} is to do: flags, file and profile together, checked as a whole.
 *
 * @param config everything but the addresses
 * @param addresses one entry for each of {@code config.ports()}, in the same order
 */
public record ServePlan(ServeConfig config, List<PortAddresses> addresses) {}
