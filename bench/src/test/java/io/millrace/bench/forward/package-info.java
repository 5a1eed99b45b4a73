/** Tests of the forwarding benchmark: that what it measures is what it says. */
@NullMarked
package io.millrace.bench.forward;

import org.jspecify.annotations.NullMarked;
