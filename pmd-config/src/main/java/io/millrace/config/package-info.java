/**
 * What the {@code millrace} command is told: the ports it opens, the services it offers, the environment it starts DPDK
 * in. Settings come in layers (a ready-made profile, a YAML file, the flags of the command line); each value carries its
 * place, so that everything wrong is reported at once, each problem where it was written. Records and text only: nothing
 * here opens a port or calls native code.
 */
@NullMarked
package io.millrace.config;

import org.jspecify.annotations.NullMarked;
