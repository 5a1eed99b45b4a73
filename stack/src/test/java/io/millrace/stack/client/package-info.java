@NullMarked
package io.millrace.stack.client;

import org.jspecify.annotations.NullMarked;
