/**
 * Ready-made nodes for {@link io.millrace.dataplane.pipeline.Graph}s that need to know no more than Ethernet. Those that
 * know the internet protocols are in the stack's module.
 */
@NullMarked
package io.millrace.dataplane.pipeline.node;

import org.jspecify.annotations.NullMarked;
