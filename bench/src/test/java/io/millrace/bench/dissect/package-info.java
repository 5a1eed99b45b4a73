/**
 * What our parsers make of packets beside what tshark makes of the same ones, field by field. {@code Dissection} reads a
 * frame with the stack's views and calls the fields by tshark's names.
 */
@NullMarked
package io.millrace.bench.dissect;

import org.jspecify.annotations.NullMarked;
