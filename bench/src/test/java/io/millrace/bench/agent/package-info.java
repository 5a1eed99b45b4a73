@NullMarked
package io.millrace.bench.agent;

import org.jspecify.annotations.NullMarked;
