/**
 * A thin typed layer over DPDK 22.11 (ABI 23), driven through the Foreign Function and Memory API without any C of our
 * own: the {@linkplain io.millrace.dpdk.Eal environment}, {@linkplain io.millrace.dpdk.EthDevice devices},
 * {@linkplain io.millrace.dpdk.Mempool pools}, {@linkplain io.millrace.dpdk.BurstFunctions bursts} and
 * {@linkplain io.millrace.dpdk.ThreadRegistration threads}.
 *
 * <p>Only the two hot classes, {@code BurstFunctions} and {@code Mempool}'s {@code get} and {@code put}, are made for
 * packet rates; they deal in absolute addresses and trust their caller. Everything else is for start-up and control,
 * allocates freely, and turns DPDK's error codes and log lines into {@link io.millrace.dpdk.EalException}. No library is
 * loaded before the first of these classes is used.
 */
@NullMarked
package io.millrace.dpdk;

import org.jspecify.annotations.NullMarked;
