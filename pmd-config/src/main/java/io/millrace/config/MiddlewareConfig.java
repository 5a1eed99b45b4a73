package io.millrace.config;

import io.millrace.config.device.PortSpec;
import io.millrace.config.problem.Located;
import org.jspecify.annotations.Nullable;

/**
 * What is put around a port.
 *
 * @param faultsIn what goes wrong with packets that come in, null for nothing; syntax is checked by whoever knows faults
 * @param faultsOut what goes wrong with packets that go out; likewise
 * @param faultSeed what the faults' chance begins with, so that a run can be repeated; null for another one each time
 * @param mirror the device that gets a copy of every packet, null for none
 * @param meter whether packets are counted as they pass between all this and whoever uses the port
 */
public record MiddlewareConfig(
        @Nullable Located<String> faultsIn,
        @Nullable Located<String> faultsOut,
        @Nullable Located<Long> faultSeed,
        @Nullable Located<PortSpec> mirror,
        boolean meter) {
    /** Nothing. */
    public static final MiddlewareConfig NONE = new MiddlewareConfig(null, null, null, null, false);
}
