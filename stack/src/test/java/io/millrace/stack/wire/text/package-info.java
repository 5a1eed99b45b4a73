@NullMarked
package io.millrace.stack.wire.text;

import org.jspecify.annotations.NullMarked;
