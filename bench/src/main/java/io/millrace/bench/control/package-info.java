/**
 * Looking into a running {@code millrace serve}, and changing what it knows of its neighbours and routes. {@link
 * io.millrace.bench.control.ControlSocket} is the server's end, a Unix domain socket in the {@link
 * io.millrace.bench.control.RuntimeFolder} on which each line is a request or a reply in JSON; {@link
 * io.millrace.bench.control.ControlClient} is the other, behind the commands {@code neigh}, {@code route} and {@code
 * ss}; and {@code appliance} and {@code mac} for a running {@code millrace forward}.
 */
@NullMarked
package io.millrace.bench.control;

import org.jspecify.annotations.NullMarked;
