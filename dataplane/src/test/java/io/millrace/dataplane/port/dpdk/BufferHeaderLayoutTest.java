package io.millrace.dataplane.port.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dpdk.MbufLayout;
import org.junit.jupiter.api.Test;

/** The header of all pools is DPDK's. That the bindings agree with the installed headers is tested where they are. */
final class BufferHeaderLayoutTest {
    @Test
    void shouldHaveTheFieldsOfAnMbuf() {
        assertEquals(MbufLayout.SIZE, BufferHeader.SIZE);
        assertEquals(MbufLayout.BUF_ADDR, BufferHeader.BUF_ADDR_OFFSET);
        assertEquals(MbufLayout.DATA_OFF, BufferHeader.DATA_OFF_OFFSET);
        assertEquals(MbufLayout.REFCNT, BufferHeader.REFCNT_OFFSET);
        assertEquals(MbufLayout.NB_SEGS, BufferHeader.NB_SEGS_OFFSET);
        assertEquals(MbufLayout.PORT, BufferHeader.PORT_OFFSET);
        assertEquals(MbufLayout.OL_FLAGS, BufferHeader.OL_FLAGS_OFFSET);
        assertEquals(MbufLayout.PACKET_TYPE, BufferHeader.PACKET_TYPE_OFFSET);
        assertEquals(MbufLayout.PKT_LEN, BufferHeader.PKT_LEN_OFFSET);
        assertEquals(MbufLayout.DATA_LEN, BufferHeader.DATA_LEN_OFFSET);
        assertEquals(MbufLayout.VLAN_TCI, BufferHeader.VLAN_TCI_OFFSET);
        assertEquals(MbufLayout.HASH_RSS, BufferHeader.RSS_HASH_OFFSET);
        assertEquals(MbufLayout.BUF_LEN, BufferHeader.BUF_LEN_OFFSET);
        assertEquals(MbufLayout.NEXT, BufferHeader.NEXT_OFFSET);
        assertEquals(MbufLayout.TX_OFFLOAD, BufferHeader.TX_OFFLOAD_OFFSET);
        assertEquals(MbufLayout.HEADROOM, ArenaPool.DEFAULT_HEADROOM);
    }
}
