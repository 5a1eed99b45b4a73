package io.millrace.dataplane.pipeline.node;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.NodeCounter;
import io.millrace.dataplane.pipeline.PortInput;
import io.millrace.dataplane.pipeline.Reason;
import java.lang.foreign.MemorySegment;

/**
 * An Ethernet switch that learns where stations are (IEEE 802.1Q clauses 8.7 and 8.8): a frame goes to the port of its
 * destination, and to all ports but its own if it is for a group or that station is not known. Each VLAN is learned for
 * itself; frames keep their tags. Frames from a group address and those for the addresses that bridges do not forward
 * (01:80:C2:00:00:00 to 0F) are dropped.
 *
 * <p>Packets come from {@link PortInput}s with numbers; edges: {@code port0}, {@code port1} and so on. A frame for
 * several ports is copied for all but the last.
 */
public final class LearningSwitch extends Node {
    private static final int HEADER = 14;
    private static final int TAGGED_HEADER = 18;
    private static final int TYPE_VLAN = 0x8100;
    private static final int TYPE_SERVICE_VLAN = 0x88A8;
    private static final long GROUP_BIT = 1L << 40;
    private static final long RESERVED = 0x0180_C200_0000L;
    private static final long TICK_MICROS = 100_000;

    /** In how many ticks the whole table is looked through for old entries. */
    private static final int TICKS = 64;

    private final Edge[] ports;
    private final MacTable table;
    private final Reason tooShort = reason("tooShort", "frames shorter than their header");
    private final Reason badSource = reason("badSource", "frames from a group address or from none");
    private final Reason reservedGroup = reason("reservedGroup", "frames for addresses that bridges do not forward");
    private final Reason samePort = reason("samePort", "frames for a station at the port where they came in");
    private final Reason unknownPort = reason("unknownPort", "frames from a port that the switch does not have");
    private final Reason noBuffer = reason("noBuffer", "copies for further ports that there was no buffer for");
    private final NodeCounter moves = counter("moves", "stations heard from another port than before");
    private final NodeCounter floods = counter("floods", "frames sent to all ports");
    private final NodeCounter notLearned = counter("notLearned", "frames from stations that there was no room for");
    private long nextTick = Long.MIN_VALUE;

    /**
     * Makes a switch.
     *
     * @param ports how many it has, at least 2
     * @param table where stations are; this switch's alone
     * @throws IllegalArgumentException if there are fewer ports
     */
    public LearningSwitch(final String name, final int ports, final MacTable table) {
        super(name);
        if (ports < 2) {
            throw new IllegalArgumentException(name + " has " + ports + " ports; a switch has 2 or more");
        }
        this.ports = new Edge[ports];
        for (int i = 0; i < ports; i++) {
            this.ports[i] = edge("port" + i);
        }
        this.table = table;
    }

    /** Where stations are. On the graph's thread only. */
    public MacTable table() {
        return table;
    }

    @Override
    protected void start() {
        wakeAt(nextTick);
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        if (nowMicros >= nextTick) {
            table.sweep(table.slots() / TICKS + 1, nowMicros);
            nextTick = nowMicros + TICK_MICROS;
            wakeAt(nextTick);
        }
        final MemorySegment memory = burst.memory();
        for (int i = 0; i < burst.count(); i++) {
            final int length = burst.length(i);
            if (length < HEADER) {
                burst.drop(i, tooShort);
                continue;
            }
            final long offset = burst.offset(i);
            final int type = Net.u16(memory, offset + 12);
            final boolean tagged = type == TYPE_VLAN || type == TYPE_SERVICE_VLAN;
            if (tagged && length < TAGGED_HEADER) {
                burst.drop(i, tooShort);
                continue;
            }
            final int vlan = tagged ? Net.u16(memory, offset + HEADER) & 0xFFF : 0;
            final int port = burst.port(i);
            if (port >= ports.length) {
                burst.drop(i, unknownPort);
            } else {
                forward(burst, i, Net.i64(memory, offset) >>> 16, Net.u48(memory, offset + 6), vlan, port, nowMicros);
            }
        }
    }

    private void forward(
            final Burst burst,
            final int index,
            final long dst,
            final long src,
            final int vlan,
            final int port,
            final long now) {
        if ((src & GROUP_BIT) != 0 || src == 0) {
            burst.drop(index, badSource);
            return;
        }
        switch (table.learn(src, vlan, port, now)) {
            case MacTable.MOVED -> moves.add(1);
            case MacTable.FULL -> notLearned.add(1);
            default -> {}
        }
        if ((dst & GROUP_BIT) != 0) {
            if ((dst & ~0xFL) == RESERVED) {
                burst.drop(index, reservedGroup);
            } else {
                flood(burst, index, port);
            }
            return;
        }
        final int to = table.port(dst, vlan, now);
        if (to == MacTable.UNKNOWN || to >= ports.length) {
            flood(burst, index, port);
        } else if (to == port) {
            burst.drop(index, samePort);
        } else {
            burst.send(index, ports[to]);
        }
    }

    /** Sends copies to all ports but the last, and the frame itself to that. */
    private void flood(final Burst burst, final int index, final int port) {
        floods.add(1);
        final int last = port == ports.length - 1 ? port - 1 : ports.length - 1;
        for (int i = 0; i < last; i++) {
            if (i != port) {
                copy(burst, index, ports[i]);
            }
        }
        burst.send(index, ports[last]);
    }

    private void copy(final Burst burst, final int index, final Edge edge) {
        final long copy = cache().copy(burst.handle(index));
        if (copy == PacketPool.NONE) {
            count(noBuffer, 1);
        } else {
            emit(edge, copy);
        }
    }
}
