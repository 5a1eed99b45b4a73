/**
 * What tests of several modules share: packets from hexadecimal text, a clock that is moved by hand, and pools that must
 * be full again when a test ends. It is published as the test jar of {@code dataplane}.
 */
@NullMarked
package io.millrace.testkit;

import org.jspecify.annotations.NullMarked;
