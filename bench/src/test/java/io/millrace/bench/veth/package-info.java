@NullMarked
package io.millrace.bench.veth;

import org.jspecify.annotations.NullMarked;
