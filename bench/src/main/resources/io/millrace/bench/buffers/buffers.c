/* DPDK's allocation and freeing of mbufs, in bulk: the loop is here, so that no call from Java is measured with it. */
#include <rte_mbuf.h>

uint64_t buffer_loop(struct rte_mempool *pool, uint64_t rounds, uint64_t bulk)
{
	struct rte_mbuf *packets[512];
	uint64_t done = 0;

	for (uint64_t i = 0; i < rounds; i++) {
		if (rte_pktmbuf_alloc_bulk(pool, packets, bulk) != 0)
			return 0;
		rte_pktmbuf_free_bulk(packets, bulk);
		done += bulk;
	}
	return done;
}
