package io.millrace.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.millrace.dpdk.ffi.Dpdk;
import io.millrace.dpdk.ffi.rte_eth_rss_conf;
import io.millrace.dpdk.ffi.rte_eth_rss_reta_entry64;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Receive-side scaling of a device that is started: the key and the fields of its Toeplitz hash, and the redirection
 * table that leads from the last bits of a hash to a queue. Asks the driver each time, so that what it answers is what is
 * in force and not what was wanted.
 *
 * <p>Control methods, to be called by one thread at a time. A driver that cannot do one of them makes it throw an
 * {@link EalException} with {@link EalException#errno} 95, {@code ENOTSUP}.
 */
public final class EthRss {
    private static final int DEFAULT_KEY_BYTES = 40;
    private static final int GROUP = Dpdk.RTE_ETH_RETA_GROUP_SIZE();

    private final EthDevice device;
    private final int keyBytes;
    private final int tableSize;

    EthRss(final EthDevice device) {
        final EthDeviceInfo info = device.info();
        this.device = device;
        this.keyBytes = info.rssKeyLength() == 0 ? DEFAULT_KEY_BYTES : info.rssKeyLength();
        this.tableSize = info.redirectionTableSize();
    }

    /** Bytes of the key. */
    public int keyLength() {
        return keyBytes;
    }

    /** Entries of the redirection table, 0 if there is none. */
    public int tableSize() {
        return tableSize;
    }

    /** The key of the hash. */
    public byte[] key() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment key = arena.allocate(keyBytes);
            current(arena, key);
            final byte[] bytes = new byte[keyBytes];
            MemorySegment.copy(key, JAVA_BYTE, 0, bytes, 0, keyBytes);
            return bytes;
        }
    }

    /** Which packets are hashed, and by what: {@code RTE_ETH_RSS_*} flags. */
    public long types() {
        try (Arena arena = Arena.ofConfined()) {
            return rte_eth_rss_conf.rss_hf(current(arena, arena.allocate(keyBytes)));
        }
    }

    private MemorySegment current(final Arena arena, final MemorySegment key) {
        EalLog.clear();
        final MemorySegment conf = conf(arena, key);
        check(Dpdk.rte_eth_dev_rss_hash_conf_get((short) device.port(), conf), "read the hash key of");
        return conf;
    }

    /**
     * Sets key and types of the hash.
     *
     * @param key of {@link #keyLength()} bytes
     * @param types {@code RTE_ETH_RSS_*} flags, none that the device lacks
     */
    public void hash(final byte[] key, final long types) {
        if (key.length != keyBytes) {
            throw new IllegalArgumentException(
                    "a key of " + key.length + " bytes; port " + device.name() + " takes " + keyBytes);
        }
        EalLog.clear();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment conf = conf(arena, arena.allocateFrom(JAVA_BYTE, key));
            rte_eth_rss_conf.rss_hf(conf, types);
            check(Dpdk.rte_eth_dev_rss_hash_update((short) device.port(), conf), "set the hash key of");
        }
    }

    private MemorySegment conf(final Arena arena, final MemorySegment key) {
        final MemorySegment conf = rte_eth_rss_conf.allocate(arena).fill((byte) 0);
        rte_eth_rss_conf.rss_key(conf, key);
        rte_eth_rss_conf.rss_key_len(conf, (byte) keyBytes);
        return conf;
    }

    /**
     * Sets the whole redirection table.
     *
     * @param queues for each value of the hash's last bits a queue, {@link #tableSize()} of them
     */
    public void redirect(final int[] queues) {
        if (queues.length != tableSize || tableSize == 0) {
            throw new IllegalArgumentException("a redirection table of " + queues.length + " entries; that of port "
                    + device.name() + " has " + tableSize);
        }
        EalLog.clear();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment groups = groups(arena);
            for (int i = 0; i < tableSize; i++) {
                rte_eth_rss_reta_entry64.reta(
                        rte_eth_rss_reta_entry64.asSlice(groups, i / GROUP), i % GROUP, (short) queues[i]);
            }
            check(
                    Dpdk.rte_eth_dev_rss_reta_update((short) device.port(), groups, (short) tableSize),
                    "set the redirection table of");
        }
    }

    /** The redirection table. */
    public int[] redirection() {
        EalLog.clear();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment groups = groups(arena);
            check(
                    Dpdk.rte_eth_dev_rss_reta_query((short) device.port(), groups, (short) tableSize),
                    "read the redirection table of");
            final int[] queues = new int[tableSize];
            for (int i = 0; i < tableSize; i++) {
                queues[i] =
                        rte_eth_rss_reta_entry64.reta(rte_eth_rss_reta_entry64.asSlice(groups, i / GROUP), i % GROUP)
                                & 0xFFFF;
            }
            return queues;
        }
    }

    /** Room for a table whose every entry is meant. */
    private MemorySegment groups(final Arena arena) {
        final int count = (tableSize + GROUP - 1) / GROUP;
        final MemorySegment groups = rte_eth_rss_reta_entry64
                .allocateArray(Math.max(1, count), arena)
                .fill((byte) 0);
        for (int group = 0; group < count; group++) {
            final int entries = Math.min(GROUP, tableSize - group * GROUP);
            rte_eth_rss_reta_entry64.mask(rte_eth_rss_reta_entry64.asSlice(groups, group), -1L >>> (GROUP - entries));
        }
        return groups;
    }

    private void check(final int result, final String what) {
        EalException.check(result, what + " port " + device.name());
    }
}
