package io.millrace.bench.plan;

import io.millrace.config.ServeConfig;
import io.millrace.stack.StackConfig;
import java.util.List;

/**
 * What {@code serve} is to do: flags, file and profile together, checked as a whole.
 *
 * @param config all that is not below
 * @param addresses one entry for each of {@code config.ports()}, in the same order
 * @param stack how the stacks of all shards are made
 * @param keys of the services over TCP
 */
public record ServePlan(ServeConfig config, List<PortAddresses> addresses, StackConfig stack, List<ServiceKey> keys) {}
