/**
 * What this machine offers, read from {@code /proc} and {@code /sys} and never changed. Every read goes through {@link
 * io.millrace.config.host.Host}, whose root directory a test may replace.
 */
@NullMarked
package io.millrace.config.host;

import org.jspecify.annotations.NullMarked;
