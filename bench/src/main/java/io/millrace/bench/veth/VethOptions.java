package io.millrace.bench.veth;

import java.time.Duration;

/**
 * What is measured.
 *
 * @param mtu of both pairs, 1280 to 9000
 * @param family 4 or 6
 * @param rounds how often each side has its turn
 * @param turn length of each turn
 * @param steering whether the kernel receives at each of its ends on the CPU of that end's program (receive packet
 *     steering), as behind a network card, instead of within the system call of the sender
 * @param segmenting whether Linux's TCP hands many segments over at once, to be cut before the device, which it does even
 *     where generic segmentation offload is off; else one by one
 * @param device arguments of our {@code net_af_packet} device beyond its interface, such as {@code framecnt=1024}; may be
 *     empty, or {@code packet} for a packet socket without DPDK
 */
record VethOptions(
        int mtu, int family, int rounds, Duration turn, boolean steering, boolean segmenting, String device) {}
