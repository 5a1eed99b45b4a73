/*
 * DPDK's tables of routes, and the loop of a router over them: look up the destinations of a burst, take one from the TTL,
 * write the addresses of the next hop. Frames lie 64 bytes apart; a hop's 12 bytes are its two MAC addresses.
 */
#include <string.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>
#include <rte_lpm6.h>
#include <rte_ip.h>
#include <rte_ether.h>

#define BURST 32
#define STRIDE 64
#define NO_HOP 0x7FFF
#define MOST_TBL8_2B 0x7FFF

enum kind { FIB, LPM };

void *l3_create(int family, int kind, long routes)
{
	const char *name = "l3";
	if (kind == FIB && family == 4) {
		struct rte_fib_conf conf = { .type = RTE_FIB_DIR24_8, .default_nh = NO_HOP, .max_routes = 2 * routes,
			/* Next hops are few: entries of two bytes are its fastest. */
			.dir24_8 = { .nh_sz = RTE_FIB_DIR24_8_2B, .num_tbl8 = RTE_MIN(1024 + routes / 16, MOST_TBL8_2B) } };
		return rte_fib_create(name, -1, &conf);
	}
	if (kind == FIB) {
		struct rte_fib6_conf conf = { .type = RTE_FIB6_TRIE, .default_nh = NO_HOP, .max_routes = 2 * routes,
			.trie = { .nh_sz = RTE_FIB6_TRIE_4B, .num_tbl8 = 131072 + 3 * routes } };
		return rte_fib6_create(name, -1, &conf);
	}
	if (family == 4) {
		struct rte_lpm_config conf = { .max_rules = routes + 1, .number_tbl8s = 1024 + routes / 16 };
		return rte_lpm_create(name, -1, &conf);
	}
	struct rte_lpm6_config conf = { .max_rules = routes + 1, .number_tbl8s = 131072 + 3 * routes };
	return rte_lpm6_create(name, -1, &conf);
}

int l3_error(void)
{
	return rte_errno;
}

void l3_free(void *table, int family, int kind)
{
	if (kind == FIB && family == 4)
		rte_fib_free(table);
	else if (kind == FIB)
		rte_fib6_free(table);
	else if (family == 4)
		rte_lpm_free(table);
	else
		rte_lpm6_free(table);
}

/* The address is in host byte order, an IPv4 one in the lower half. */
int l3_add(void *table, int family, int kind, uint64_t hi, uint64_t lo, int depth, int hop)
{
	uint8_t ip[16];
	if (family == 4)
		return kind == FIB ? rte_fib_add(table, lo, depth, hop) : rte_lpm_add(table, lo, depth, hop);
	hi = rte_cpu_to_be_64(hi);
	lo = rte_cpu_to_be_64(lo);
	memcpy(ip, &hi, 8);
	memcpy(ip + 8, &lo, 8);
	return kind == FIB ? rte_fib6_add(table, ip, depth, hop) : rte_lpm6_add(table, ip, depth, hop);
}

static inline int send4(uint8_t *frame, uint64_t hop, const uint8_t *macs)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)frame;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(ether + 1);
	uint16_t word, next;
	uint32_t sum;

	if (hop == NO_HOP || ether->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV4) || ip->version_ihl != 0x45
			|| ip->time_to_live <= 1)
		return 0;
	memcpy(&word, &ip->time_to_live, 2);
	ip->time_to_live--;
	memcpy(&next, &ip->time_to_live, 2);
	sum = (uint16_t)~ip->hdr_checksum + (uint16_t)~word + next; /* RFC 1624 */
	sum = (sum & 0xFFFF) + (sum >> 16);
	sum = (sum & 0xFFFF) + (sum >> 16);
	ip->hdr_checksum = ~sum;
	memcpy(frame, macs + hop * 12, 12);
	return 1;
}

static inline int send6(uint8_t *frame, uint64_t hop, const uint8_t *macs)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)frame;
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)(ether + 1);

	if (hop == NO_HOP || ether->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV6)
			|| (ip->vtc_flow & RTE_BE32(0xF0000000)) != RTE_BE32(0x60000000) || ip->hop_limits <= 1)
		return 0;
	ip->hop_limits--;
	memcpy(frame, macs + hop * 12, 12);
	return 1;
}

static long forward4(void *table, int kind, uint8_t *frames, long count, const uint8_t *macs)
{
	long sent = 0;
	for (long first = 0; first < count; first += BURST) {
		uint32_t ips[BURST], found[BURST];
		uint64_t hops[BURST];
		for (int i = 0; i < BURST; i++) {
			const struct rte_ipv4_hdr *ip = (void *)(frames + (first + i) * STRIDE + sizeof(struct rte_ether_hdr));
			ips[i] = rte_be_to_cpu_32(ip->dst_addr);
		}
		if (kind == FIB) {
			rte_fib_lookup_bulk(table, ips, hops, BURST);
		} else {
			rte_lpm_lookup_bulk(table, ips, found, BURST);
			for (int i = 0; i < BURST; i++)
				hops[i] = found[i] & RTE_LPM_LOOKUP_SUCCESS ? found[i] & 0x00FFFFFF : NO_HOP;
		}
		for (int i = 0; i < BURST; i++)
			sent += send4(frames + (first + i) * STRIDE, hops[i], macs);
	}
	return sent;
}

static long forward6(void *table, int kind, uint8_t *frames, long count, const uint8_t *macs)
{
	long sent = 0;
	for (long first = 0; first < count; first += BURST) {
		uint8_t ips[BURST][16];
		int32_t found[BURST];
		uint64_t hops[BURST];
		for (int i = 0; i < BURST; i++) {
			const struct rte_ipv6_hdr *ip = (void *)(frames + (first + i) * STRIDE + sizeof(struct rte_ether_hdr));
			memcpy(ips[i], ip->dst_addr, 16);
		}
		if (kind == FIB) {
			rte_fib6_lookup_bulk(table, ips, hops, BURST);
		} else {
			rte_lpm6_lookup_bulk_func(table, ips, found, BURST);
			for (int i = 0; i < BURST; i++)
				hops[i] = found[i] < 0 ? NO_HOP : found[i];
		}
		for (int i = 0; i < BURST; i++)
			sent += send6(frames + (first + i) * STRIDE, hops[i], macs);
	}
	return sent;
}

long l3_forward(void *table, int family, int kind, uint8_t *frames, long count, const uint8_t *macs)
{
	return family == 4 ? forward4(table, kind, frames, count, macs) : forward6(table, kind, frames, count, macs);
}
