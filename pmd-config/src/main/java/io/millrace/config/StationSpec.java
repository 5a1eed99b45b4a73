package io.millrace.config;

/**
 * A station whose port is set by hand.
 *
 * @param mac its address in the low 48 bits
 * @param vlan its VLAN, 0 for frames without one
 * @param port number of the port, from 0
 */
public record StationSpec(long mac, int vlan, int port) {}
