package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dpdk.EalException;
import io.millrace.dpdk.EthDevice;
import io.millrace.dpdk.EthRss;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * How far a device spreads packets over its queues as the software would, read back from the device once it runs. Where
 * something is missing flows are spread all the same, by the device's own key or table; shards then pass more packets on
 * to each other than they need to.
 *
 * @param queues number of receive queues that packets are spread over by the device's hash; 1 if it has no hash
 * @param key whether the device hashes by the symmetric key of the {@link FlowHash}
 * @param types what it hashes, {@code RTE_ETH_RSS_*} flags
 * @param table whether its redirection table leads each hash to the queue that {@link FlowHash#shard} names
 */
public record RssState(int queues, boolean key, long types, boolean table) {
    /** One queue, or several without a hash that could be asked about. */
    public static final RssState NONE = new RssState(1, false, 0, false);

    /** Whether no packet has to be passed on but those whose hash is not that of their own addresses. */
    public boolean matches() {
        return queues == 1 || (key && table);
    }

    /** Sets up a device that is started and hashes, and reads back what it took. */
    static RssState apply(final EthDevice device, final FlowHash hash, final int queues) {
        final EthRss rss = device.rss();
        final byte[] key = hash.key(rss.keyLength());
        return new RssState(queues, key(rss, key, device.info().rssTypes()), types(rss), table(rss, queues));
    }

    private static boolean key(final EthRss rss, final byte[] wanted, final long types) {
        try {
            if (Arrays.equals(rss.key(), wanted)) {
                return true;
            }
            // Not taken with the configuration, as some drivers do.
            final long current = rss.types();
            rss.hash(wanted, current == 0 ? types : current);
            return Arrays.equals(rss.key(), wanted);
        } catch (final EalException e) {
            return false;
        }
    }

    private static long types(final EthRss rss) {
        try {
            return rss.types();
        } catch (final EalException e) {
            return 0;
        }
    }

    private static boolean table(final EthRss rss, final int queues) {
        if (rss.tableSize() == 0) {
            return false;
        }
        return set(rss, FlowHash.redirectionTable(rss.tableSize(), queues))
                && FlowHash.isExact(rss.tableSize(), queues);
    }

    /** Leads each bucket of the hash to another queue. Returns whether the device took that. */
    static boolean redirect(final EthDevice device, final IntUnaryOperator queues) {
        final EthRss rss = device.rss();
        final int[] wanted = new int[rss.tableSize()];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = queues.applyAsInt(FlowHash.bucket(i));
        }
        return wanted.length > 0 && set(rss, wanted);
    }

    private static boolean set(final EthRss rss, final int[] wanted) {
        try {
            rss.redirect(wanted);
            return Arrays.equals(rss.redirection(), wanted);
        } catch (final EalException e) {
            return false;
        }
    }
}
