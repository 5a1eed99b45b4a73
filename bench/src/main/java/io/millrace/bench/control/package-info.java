/**
 * Looking into a running {@code millrace serve} or {@code millrace forward}, and changing it while packets flow. {@link
 * io.millrace.bench.control.ControlSocket} is its end, a Unix domain socket in the {@link
 * io.millrace.bench.control.RuntimeFolder} on which each line is a request or a reply in JSON; {@link
 * io.millrace.bench.control.ControlClient} is the other, behind the commands {@code neigh}, {@code route}, {@code ss},
 * {@code shards}, {@code port}, {@code appliance} and {@code mac}.
 */
@NullMarked
package io.millrace.bench.control;

import org.jspecify.annotations.NullMarked;
