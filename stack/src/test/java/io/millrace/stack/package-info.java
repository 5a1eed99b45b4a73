/** Tests of whole stacks: two of them over a simulated wire, or one against frames written by hand. */
@NullMarked
package io.millrace.stack;

import org.jspecify.annotations.NullMarked;
