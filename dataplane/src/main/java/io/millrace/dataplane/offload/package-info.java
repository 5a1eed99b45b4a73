/** Software in place of a device that does checksums and segmentation. */
@NullMarked
package io.millrace.dataplane.offload;

import org.jspecify.annotations.NullMarked;
