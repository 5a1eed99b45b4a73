/**
 * Checks whether this machine is fit to run on, and says how to mend what is not. Everything is read from {@code /proc},
 * {@code /sys} and {@code /dev}; the one command that is run, {@code ethtool -k}, needs no permission and changes
 * nothing.
 */
@NullMarked
package io.millrace.config.doctor;

import org.jspecify.annotations.NullMarked;
