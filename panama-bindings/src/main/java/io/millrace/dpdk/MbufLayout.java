package io.millrace.dpdk;

import io.millrace.dpdk.ffi.rte_mbuf;

/**
 * Where the fields of {@code struct rte_mbuf} lie, in bytes from its start, as jextract found them in DPDK 22.11's
 * headers. All fields are in host byte order.
 */
public final class MbufLayout {
    /** Bytes of the structure; the private area, if any, and then the data room follow. */
    public static final long SIZE = rte_mbuf.layout().byteSize();

    /** Absolute address of the data room, 8 bytes. */
    public static final long BUF_ADDR = rte_mbuf.buf_addr$offset();

    /** Address of the data room as devices see it, 8 bytes. */
    public static final long BUF_IOVA = rte_mbuf.buf_iova$offset();

    /** Bytes from the start of the data room to the packet, 2 bytes. */
    public static final long DATA_OFF = rte_mbuf.data_off$offset();

    /** Reference count, 2 bytes. */
    public static final long REFCNT = rte_mbuf.refcnt$offset();

    /** Segments of the packet, 2 bytes. */
    public static final long NB_SEGS = rte_mbuf.nb_segs$offset();

    /** Port it came in by, 2 bytes. */
    public static final long PORT = rte_mbuf.port$offset();

    /** Offload flags, 8 bytes. */
    public static final long OL_FLAGS = rte_mbuf.ol_flags$offset();

    /** Packet type, 4 bytes. */
    public static final long PACKET_TYPE = rte_mbuf.packet_type$offset();

    /** Bytes of the whole packet, 4 bytes. */
    public static final long PKT_LEN = rte_mbuf.pkt_len$offset();

    /** Bytes of this segment, 2 bytes. */
    public static final long DATA_LEN = rte_mbuf.data_len$offset();

    /** VLAN tag control information, 2 bytes. */
    public static final long VLAN_TCI = rte_mbuf.vlan_tci$offset();

    /** RSS hash, 4 bytes. */
    public static final long HASH_RSS = rte_mbuf.hash$offset();

    /** Bytes of the data room, 2 bytes. */
    public static final long BUF_LEN = rte_mbuf.buf_len$offset();

    /** Pool that it belongs to, 8 bytes. */
    public static final long POOL = rte_mbuf.pool$offset();

    /** Next segment, 8 bytes. */
    public static final long NEXT = rte_mbuf.next$offset();

    /** Header lengths for transmit offloads, 8 bytes. */
    public static final long TX_OFFLOAD = rte_mbuf.tx_offload$offset();

    /** Bytes of the private area, 2 bytes. */
    public static final long PRIV_SIZE = rte_mbuf.priv_size$offset();

    /** Room for dynamic fields, 36 bytes. */
    public static final long DYNFIELD1 = rte_mbuf.dynfield1$offset();

    /** Headroom of a fresh packet. */
    public static final int HEADROOM = 128;

    private MbufLayout() {}
}
