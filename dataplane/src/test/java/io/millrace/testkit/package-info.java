/** What tests of several modules share. */
@NullMarked
package io.millrace.testkit;

import org.jspecify.annotations.NullMarked;
