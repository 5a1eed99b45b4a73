package io.millrace.dataplane.linux;

/**
 * An address that the kernel has on an interface.
 *
 * @param family {@link Linux#AF_INET} or {@link Linux#AF_INET6}
 * @param hi upper half; 0 for IPv4
 * @param lo lower half, or the IPv4 address in its lower 32 bits
 * @param prefixLength bits of its network
 * @param device index of the interface
 */
public record LinuxAddress(int family, long hi, long lo, int prefixLength, int device) {}
