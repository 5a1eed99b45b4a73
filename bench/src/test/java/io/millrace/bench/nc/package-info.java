@NullMarked
package io.millrace.bench.nc;

import org.jspecify.annotations.NullMarked;
