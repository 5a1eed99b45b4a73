/**
 * {@code millrace forward}: packet appliances made of ready-made nodes. {@link
 * io.millrace.bench.appliance.ForwardingCommand} reads what the user wants, {@link io.millrace.bench.appliance.Wiring}
 * connects the nodes of a mode, {@link io.millrace.bench.appliance.Appliance} runs them from open to close, and {@link
 * io.millrace.bench.appliance.ApplianceControl} answers those who look into it or change it while packets flow.
 */
@NullMarked
package io.millrace.bench.appliance;

import org.jspecify.annotations.NullMarked;
