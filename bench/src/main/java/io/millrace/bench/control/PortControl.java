package io.millrace.bench.control;

import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.dataplane.port.middleware.LinkWatch;
import io.millrace.dataplane.port.middleware.RateMeter;
import org.jspecify.annotations.Nullable;

/**
 * What stands around a port and can be asked or changed while packets flow.
 *
 * @param faults what makes it faulty
 * @param meter what counts between the faults and the port's user; null if nothing does
 * @param link what counts how often its link goes down and comes up; null for a port without one, such as a replay
 */
public record PortControl(
        FaultInjector faults,
        @Nullable RateMeter meter,
        @Nullable LinkWatch link) {}
