/* One thread hands pointers to another over a ring of DPDK's, single producer and single consumer, in bursts. */
#include <stdlib.h>
#include <rte_pause.h>
#include <rte_ring.h>

#define MAX_BURST 512

struct rte_ring *ring_make(uint64_t count)
{
	ssize_t size = rte_ring_get_memsize(count);
	struct rte_ring *ring = size < 0 ? NULL : aligned_alloc(128, (size + 127) / 128 * 128);

	if (ring != NULL && rte_ring_init(ring, "bench", count, RING_F_SP_ENQ | RING_F_SC_DEQ) != 0) {
		free(ring);
		return NULL;
	}
	return ring;
}

void ring_free(struct rte_ring *ring)
{
	free(ring);
}

uint64_t ring_produce(struct rte_ring *ring, uint64_t total, uint64_t burst)
{
	void *objects[MAX_BURST];
	uint64_t next = 0;

	while (next < total) {
		uint64_t count = RTE_MIN(burst, total - next);
		unsigned int taken;

		for (uint64_t i = 0; i < count; i++)
			objects[i] = (void *)(next + i);
		taken = rte_ring_sp_enqueue_burst(ring, objects, count, NULL);
		next += taken;
		if (taken == 0)
			rte_pause();
	}
	return next;
}

uint64_t ring_consume(struct rte_ring *ring, uint64_t total, uint64_t burst)
{
	void *objects[MAX_BURST];
	uint64_t received = 0, sum = 0;

	while (received < total) {
		unsigned int count = rte_ring_sc_dequeue_burst(ring, objects, burst, NULL);

		for (unsigned int i = 0; i < count; i++)
			sum += (uint64_t)objects[i];
		received += count;
		if (count == 0)
			rte_pause();
	}
	return sum;
}
