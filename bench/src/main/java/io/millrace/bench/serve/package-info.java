/**
 * {@code millrace serve}: ports, a stack on each shard, and the services behind it. {@link
 * io.millrace.bench.serve.ServeCommand} reads what the user wants, {@link io.millrace.bench.serve.Server} runs it from
 * open to orderly close, {@link io.millrace.bench.serve.ServeSummary} tells what happened.
 */
@NullMarked
package io.millrace.bench.serve;

import org.jspecify.annotations.NullMarked;
