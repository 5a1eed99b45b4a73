/** The same socket calls made of Linux and of our stack: what both answer, and what they are ready for, is compared. */
@NullMarked
package io.millrace.bench.peer.calls;

import org.jspecify.annotations.NullMarked;
