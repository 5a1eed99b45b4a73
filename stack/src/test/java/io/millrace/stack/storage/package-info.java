@NullMarked
package io.millrace.stack.storage;

import org.jspecify.annotations.NullMarked;
