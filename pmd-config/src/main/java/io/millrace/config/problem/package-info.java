/** Where a setting was said, and what is wrong with it: all mistakes are gathered, and told at once. */
@NullMarked
package io.millrace.config.problem;

import org.jspecify.annotations.NullMarked;
