/* DPDK's checksum over packets in turn: the loop is here, so that no call from Java is measured with it. */
#include <rte_ip.h>

uint64_t raw_cksum_loop(const char *base, const int64_t *offsets, uint64_t mask, uint64_t rounds, uint64_t length)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < rounds; i++)
		sum += rte_raw_cksum(base + offsets[i & mask], length);
	return sum;
}
