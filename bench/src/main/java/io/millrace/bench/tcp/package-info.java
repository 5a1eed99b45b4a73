/** TCP from end to end: two whole stacks in one thread, and how many bits a second they move. */
@NullMarked
package io.millrace.bench.tcp;

import org.jspecify.annotations.NullMarked;
