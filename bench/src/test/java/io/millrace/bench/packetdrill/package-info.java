/**
 * The runner of packetdrill scripts, and the scripts that we run with it: {@code src/test/packetdrill} has a folder for
 * each topic.
 */
@NullMarked
package io.millrace.bench.packetdrill;

import org.jspecify.annotations.NullMarked;
