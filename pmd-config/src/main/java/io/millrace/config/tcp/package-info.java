/**
 * What can be set of TCP: the section {@code tcp-settings} of a file, and the flag {@code --tcp-settings}. Each setting
 * has one name, one syntax and one range, and says which of Linux's sysctls it is like.
 */
@NullMarked
package io.millrace.config.tcp;

import org.jspecify.annotations.NullMarked;
