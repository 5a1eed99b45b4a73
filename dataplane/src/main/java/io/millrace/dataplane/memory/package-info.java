/** Native memory as the operating system gives it. */
@NullMarked
package io.millrace.dataplane.memory;

import org.jspecify.annotations.NullMarked;
