@NullMarked
package io.millrace.stack.shard;

import org.jspecify.annotations.NullMarked;
