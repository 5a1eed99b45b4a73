package io.millrace.dpdk;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.dpdk.ffi.Dpdk;
import io.millrace.dpdk.ffi.rte_eth_conf;
import io.millrace.dpdk.ffi.rte_eth_dev_info;
import io.millrace.dpdk.ffi.rte_eth_fp_ops;
import io.millrace.dpdk.ffi.rte_eth_link;
import io.millrace.dpdk.ffi.rte_eth_rss_conf;
import io.millrace.dpdk.ffi.rte_eth_rss_reta_entry64;
import io.millrace.dpdk.ffi.rte_eth_rxmode;
import io.millrace.dpdk.ffi.rte_eth_stats;
import io.millrace.dpdk.ffi.rte_eth_txmode;
import io.millrace.dpdk.ffi.rte_eth_xstat;
import io.millrace.dpdk.ffi.rte_eth_xstat_name;
import io.millrace.dpdk.ffi.rte_ethdev_qdata;
import io.millrace.dpdk.ffi.rte_mempool;
import io.millrace.dpdk.ffi.rte_mempool_cache;
import io.millrace.dpdk.ffi.rte_mempool_memhdr;
import io.millrace.dpdk.ffi.rte_mempool_ops;
import io.millrace.dpdk.ffi.rte_mempool_ops_table;
import io.millrace.dpdk.ffi.rte_pktmbuf_pool_private;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Compares every offset, size and constant that the code relies on with what gcc makes of the installed headers. */
final class LayoutTest {
    private static final Path HEADER = Path.of("/usr/include/dpdk/rte_ethdev.h");
    private static final Path COMPILER = Path.of("/usr/bin/gcc");
    private static final String INSTALL = "run: apt-get install libdpdk-dev gcc libc6-dev";

    /** C expression to the value that Java uses. */
    private static final Map<String, Long> EXPECTED = new LinkedHashMap<>();

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void collect() {
        assumeTrue(Files.exists(HEADER), "no DPDK headers; " + INSTALL);
        assumeTrue(Files.isExecutable(COMPILER), "no C compiler; " + INSTALL);
        assumeTrue(DpdkLibraries.problem() == null, DpdkLibraries.problem());
        mbuf();
        mempool();
        ethdev();
        constants();
    }

    private static void mbuf() {
        final String mbuf = "rte_mbuf";
        EXPECTED.put("sizeof(struct rte_mbuf)", MbufLayout.SIZE);
        offset(mbuf, "buf_addr", MbufLayout.BUF_ADDR);
        offset(mbuf, "buf_iova", MbufLayout.BUF_IOVA);
        offset(mbuf, "data_off", MbufLayout.DATA_OFF);
        offset(mbuf, "refcnt", MbufLayout.REFCNT);
        offset(mbuf, "nb_segs", MbufLayout.NB_SEGS);
        offset(mbuf, "port", MbufLayout.PORT);
        offset(mbuf, "ol_flags", MbufLayout.OL_FLAGS);
        offset(mbuf, "packet_type", MbufLayout.PACKET_TYPE);
        offset(mbuf, "pkt_len", MbufLayout.PKT_LEN);
        offset(mbuf, "data_len", MbufLayout.DATA_LEN);
        offset(mbuf, "vlan_tci", MbufLayout.VLAN_TCI);
        offset(mbuf, "hash.rss", MbufLayout.HASH_RSS);
        offset(mbuf, "buf_len", MbufLayout.BUF_LEN);
        offset(mbuf, "pool", MbufLayout.POOL);
        offset(mbuf, "next", MbufLayout.NEXT);
        offset(mbuf, "tx_offload", MbufLayout.TX_OFFLOAD);
        offset(mbuf, "priv_size", MbufLayout.PRIV_SIZE);
        offset(mbuf, "dynfield1", MbufLayout.DYNFIELD1);
        // Words that are written or compared as a whole.
        width(mbuf, "buf_addr", 8);
        width(mbuf, "data_off", 2);
        width(mbuf, "refcnt", 2);
        width(mbuf, "nb_segs", 2);
        width(mbuf, "port", 2);
        width(mbuf, "ol_flags", 8);
        width(mbuf, "packet_type", 4);
        width(mbuf, "pkt_len", 4);
        width(mbuf, "data_len", 2);
        width(mbuf, "vlan_tci", 2);
        width(mbuf, "buf_len", 2);
        width(mbuf, "next", 8);
        width(mbuf, "tx_offload", 8);
        width(mbuf, "dynfield1", 36);
    }

    private static void mempool() {
        size("rte_mempool", rte_mempool.layout());
        offset("rte_mempool", "cache_size", rte_mempool.cache_size$offset());
        offset("rte_mempool", "ops_index", rte_mempool.ops_index$offset());
        offset("rte_mempool", "local_cache", rte_mempool.local_cache$offset());
        size("rte_mempool_cache", rte_mempool_cache.layout());
        offset("rte_mempool_cache", "len", rte_mempool_cache.len$offset());
        offset("rte_mempool_cache", "objs", rte_mempool_cache.objs$offset());
        size("rte_mempool_memhdr", rte_mempool_memhdr.layout());
        offset("rte_mempool_memhdr", "addr", rte_mempool_memhdr.addr$offset());
        offset("rte_mempool_memhdr", "len", rte_mempool_memhdr.len$offset());
        size("rte_mempool_ops", rte_mempool_ops.layout());
        offset("rte_mempool_ops", "enqueue", rte_mempool_ops.enqueue$offset());
        offset("rte_mempool_ops", "dequeue", rte_mempool_ops.dequeue$offset());
        size("rte_mempool_ops_table", rte_mempool_ops_table.layout());
        offset("rte_mempool_ops_table", "ops", rte_mempool_ops_table.ops$offset());
        size("rte_pktmbuf_pool_private", rte_pktmbuf_pool_private.layout());
        offset(
                "rte_pktmbuf_pool_private",
                "mbuf_data_room_size",
                rte_pktmbuf_pool_private.mbuf_data_room_size$offset());
    }

    private static void ethdev() {
        size("rte_eth_fp_ops", rte_eth_fp_ops.layout());
        offset("rte_eth_fp_ops", "rx_pkt_burst", rte_eth_fp_ops.rx_pkt_burst$offset());
        offset("rte_eth_fp_ops", "rxq", rte_eth_fp_ops.rxq$offset());
        offset("rte_eth_fp_ops", "tx_pkt_burst", rte_eth_fp_ops.tx_pkt_burst$offset());
        offset("rte_eth_fp_ops", "txq", rte_eth_fp_ops.txq$offset());
        offset("rte_ethdev_qdata", "data", rte_ethdev_qdata.data$offset());
        size("rte_eth_conf", rte_eth_conf.layout());
        offset("rte_eth_conf", "rxmode", rte_eth_conf.rxmode$offset());
        offset("rte_eth_conf", "txmode", rte_eth_conf.txmode$offset());
        offset(
                "rte_eth_conf",
                "rx_adv_conf.rss_conf",
                rte_eth_conf.rx_adv_conf$offset() + rte_eth_conf.rx_adv_conf.rss_conf$offset());
        offset("rte_eth_rxmode", "mq_mode", rte_eth_rxmode.mq_mode$offset());
        offset("rte_eth_rxmode", "offloads", rte_eth_rxmode.offloads$offset());
        offset("rte_eth_txmode", "offloads", rte_eth_txmode.offloads$offset());
        offset("rte_eth_rss_conf", "rss_key", rte_eth_rss_conf.rss_key$offset());
        offset("rte_eth_rss_conf", "rss_key_len", rte_eth_rss_conf.rss_key_len$offset());
        offset("rte_eth_rss_conf", "rss_hf", rte_eth_rss_conf.rss_hf$offset());
        size("rte_eth_rss_reta_entry64", rte_eth_rss_reta_entry64.layout());
        offset("rte_eth_rss_reta_entry64", "mask", rte_eth_rss_reta_entry64.mask$offset());
        offset("rte_eth_rss_reta_entry64", "reta", rte_eth_rss_reta_entry64.reta$offset());
        final String info = "rte_eth_dev_info";
        size(info, rte_eth_dev_info.layout());
        offset(info, "device", rte_eth_dev_info.device$offset());
        offset(info, "driver_name", rte_eth_dev_info.driver_name$offset());
        offset(info, "min_mtu", rte_eth_dev_info.min_mtu$offset());
        offset(info, "max_mtu", rte_eth_dev_info.max_mtu$offset());
        offset(info, "max_rx_queues", rte_eth_dev_info.max_rx_queues$offset());
        offset(info, "max_tx_queues", rte_eth_dev_info.max_tx_queues$offset());
        offset(info, "rx_offload_capa", rte_eth_dev_info.rx_offload_capa$offset());
        offset(info, "tx_offload_capa", rte_eth_dev_info.tx_offload_capa$offset());
        offset(info, "flow_type_rss_offloads", rte_eth_dev_info.flow_type_rss_offloads$offset());
        offset(info, "hash_key_size", rte_eth_dev_info.hash_key_size$offset());
        offset(info, "reta_size", rte_eth_dev_info.reta_size$offset());
        final String stats = "rte_eth_stats";
        size(stats, rte_eth_stats.layout());
        offset(stats, "ipackets", rte_eth_stats.ipackets$offset());
        offset(stats, "opackets", rte_eth_stats.opackets$offset());
        offset(stats, "ibytes", rte_eth_stats.ibytes$offset());
        offset(stats, "obytes", rte_eth_stats.obytes$offset());
        offset(stats, "imissed", rte_eth_stats.imissed$offset());
        offset(stats, "ierrors", rte_eth_stats.ierrors$offset());
        offset(stats, "oerrors", rte_eth_stats.oerrors$offset());
        offset(stats, "rx_nombuf", rte_eth_stats.rx_nombuf$offset());
        size("rte_eth_xstat", rte_eth_xstat.layout());
        offset("rte_eth_xstat", "id", rte_eth_xstat.id$offset());
        offset("rte_eth_xstat", "value", rte_eth_xstat.value$offset());
        size("rte_eth_xstat_name", rte_eth_xstat_name.layout());
        offset("rte_eth_xstat_name", "name", rte_eth_xstat_name.name$offset());
        size("rte_eth_link", rte_eth_link.layout());
        offset("rte_eth_link", "link_speed", rte_eth_link.link_speed$offset());
        // offsetof takes no bit-field; this is the word that holds them, with one bit set at a time.
        EXPECTED.put("link_word((struct rte_eth_link){.link_duplex = 1})", 1L);
        EXPECTED.put("link_word((struct rte_eth_link){.link_status = 1})", 4L);
        EXPECTED.put("sizeof(struct rte_ether_addr)", 6L);
    }

    private static void constants() {
        EXPECTED.put("RTE_VER_YEAR", (long) Dpdk.RTE_VER_YEAR());
        EXPECTED.put("RTE_VER_MONTH", (long) Dpdk.RTE_VER_MONTH());
        EXPECTED.put("RTE_PKTMBUF_HEADROOM", (long) MbufLayout.HEADROOM);
        EXPECTED.put("RTE_MAX_ETHPORTS", (long) Dpdk.RTE_MAX_ETHPORTS());
        EXPECTED.put("RTE_MAX_LCORE", (long) Dpdk.RTE_MAX_LCORE());
        EXPECTED.put("RTE_ETH_NAME_MAX_LEN", (long) Dpdk.RTE_ETH_NAME_MAX_LEN());
        EXPECTED.put("RTE_MEMPOOL_CACHE_MAX_SIZE", (long) Dpdk.RTE_MEMPOOL_CACHE_MAX_SIZE());
        EXPECTED.put("RTE_MEMPOOL_F_NO_IOVA_CONTIG", (long) Dpdk.RTE_MEMPOOL_F_NO_IOVA_CONTIG());
        EXPECTED.put("RTE_IOVA_VA", (long) Dpdk.RTE_IOVA_VA());
        EXPECTED.put("RTE_ETH_MQ_RX_RSS", (long) Dpdk.RTE_ETH_MQ_RX_RSS());
        EXPECTED.put("RTE_ETH_RETA_GROUP_SIZE", (long) Dpdk.RTE_ETH_RETA_GROUP_SIZE());
        EXPECTED.put("RTE_ETH_RSS_IPV4", Dpdk.RTE_ETH_RSS_IPV4());
        EXPECTED.put("RTE_ETH_RSS_NONFRAG_IPV4_TCP", Dpdk.RTE_ETH_RSS_NONFRAG_IPV4_TCP());
        EXPECTED.put("RTE_ETH_RSS_NONFRAG_IPV6_UDP", Dpdk.RTE_ETH_RSS_NONFRAG_IPV6_UDP());
        EXPECTED.put("RTE_ETH_SPEED_NUM_UNKNOWN", 0xFFFF_FFFFL);
        EXPECTED.put("sizeof(eth_rx_burst_t)", 8L);
    }

    @Test
    void shouldAgreeWithTheInstalledHeaders() throws IOException, InterruptedException {
        final Map<String, Long> actual = runProbe();
        final List<Executable> checks = new ArrayList<>();
        EXPECTED.forEach(
                (expression, value) -> checks.add(() -> assertEquals(actual.get(expression), value, expression)));
        assertAll(checks);
        assertEquals(EXPECTED.size(), actual.size());
    }

    private Map<String, Long> runProbe() throws IOException, InterruptedException {
        final StringBuilder source = new StringBuilder("""
                #include <stdio.h>
                #include <stddef.h>
                #include <string.h>
                #include <rte_ethdev.h>
                #include <rte_version.h>
                static unsigned link_word(struct rte_eth_link link) {
                    unsigned short word;
                    memcpy(&word, (char *)&link + sizeof(link.link_speed), sizeof(word));
                    return word;
                }
                int main(void) {
                """);
        for (final String expression : EXPECTED.keySet()) {
            source.append("    printf(\"%llu %s\\n\", (unsigned long long)(")
                    .append(expression)
                    .append("), \"")
                    .append(expression)
                    .append("\");\n");
        }
        source.append("    return 0;\n}\n");
        final Path program = folder.resolve("probe.c");
        Files.writeString(program, source);
        final String output =
                run("gcc -I/usr/include/dpdk -I/usr/include/$(gcc -dumpmachine)/dpdk -include rte_config.h"
                        + " -march=native -o probe probe.c && ./probe");
        final Map<String, Long> values = new HashMap<>();
        output.lines().forEach(line -> {
            final int space = line.indexOf(' ');
            values.put(line.substring(space + 1), Long.parseLong(line.substring(0, space)));
        });
        return values;
    }

    private String run(final String command) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder("sh", "-c", command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> INSTALL + "\n" + output);
        return output;
    }

    private static void offset(final String struct, final String field, final long value) {
        EXPECTED.put("offsetof(struct " + struct + ", " + field + ")", value);
    }

    private static void width(final String struct, final String field, final long bytes) {
        EXPECTED.put("sizeof(((struct " + struct + " *)0)->" + field + ")", bytes);
    }

    private static void size(final String struct, final MemoryLayout layout) {
        EXPECTED.put("sizeof(struct " + struct + ")", layout.byteSize());
    }
}
