package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.socket.tcp.congestion.CongestionControl;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import io.millrace.stack.storage.ByteQueue;
import io.millrace.stack.wire.TcpSeq;
import org.jspecify.annotations.Nullable;

/**
 * The state of one connection (RFC 9293 section 3.3.1 calls it the transmission control block), and what can be said
 * of it without a segment or a clock. The classes around it hold the rules: {@link TcpIngress}, {@link TcpEgress},
 * {@link TcpTimers}, {@link LossRecovery}.
 *
 * <p>Sequence numbers are ints that wrap, compared by {@link TcpSeq}. Positions in the two queues are positions in the
 * byte streams: once our SYN is acknowledged, the byte with sequence number {@code una} is at {@code transmit.head()},
 * and the byte with {@code rcvNxt} comes to {@code receive.tail()}.
 */
final class TcpConnection extends TcpFlow {
    /** A deadline that is not set. */
    static final long NEVER = Long.MAX_VALUE;

    /** More follows: until the application sends without saying so, or an acknowledgment comes. */
    static final int MORE_FOLLOWS = 1;

    /** Until it sends without saying so: what empties the buffer is not pushed (RFC 9293 section 3.9.1.2). */
    static final int UNPUSHED = 2;

    /** What is queued is sent even if it was to be held back. */
    static final int RELEASED = 4;

    /** The application closed both sides: nobody would read. */
    static final int REFUSES_TEXT = 8;

    /** The application closed its output only, and waits for what the peer has to say. */
    static final int READS_ON = 16;

    /** Our SYN took along data, or a Fast Open cookie, or asked for one. */
    static final int FAST_OPEN = 32;

    /** All data of the SYN, ours or the peer's, was taken. */
    static final int SYN_DATA = 64;

    /** The SYN waits until there is something to send. */
    static final int SYN_WAITS = 128;

    final TcpEngine engine;
    final RttEstimator rtt;
    final CongestionControl congestion;

    /** What data on its way needs; null as long as there is none. */
    @Nullable
    private Transfer transfer;

    /** Set right after construction. */
    @Nullable
    TcpSocket<?> socket;

    /** Null unless the path may carry larger segments than it is known to. */
    @Nullable
    SizeSearch sizeSearch;

    /** What is to be known if {@link #usesEcn}; null while it rests and has nothing to remember. */
    @Nullable
    Ecn ecn;

    /** What the application set otherwise than the configuration; null if nothing. */
    @Nullable
    TcpOptions options;

    /** The listener that waits for the application to be told of this connection. */
    @Nullable
    TcpListener<?> listener;

    /** Next in the list of connections that have something to send. */
    @Nullable
    TcpConnection readyNext;

    TcpState state = TcpState.CLOSED;

    @Nullable
    CloseReason reason;

    // Send sequence space, RFC 9293 figure 3.
    /** Our initial sequence number. */
    final int iss;
    /** First one not acknowledged. */
    int una;
    /** Next one to send; behind {@link #max} after the peer's window closed over what was sent. */
    int nxt;
    /** Behind the highest one ever sent: RFC 9293's SND.NXT where an acknowledgment is judged. */
    int max;
    /** The peer's window, bytes from {@link #una} on. */
    int window;
    /** The largest window that the peer ever offered. */
    int maxWindow;
    /** Sequence number of the segment that the window came with. */
    int wl1;
    /** Acknowledgment number of the segment that the window came with. */
    int wl2;
    /** Bytes of payload in a full segment, the options of every segment already taken off. */
    int mss;
    /** What the peer's MSS option allows, options not taken off. */
    char peerMss;

    // Receive sequence space, RFC 9293 figure 4.
    /** Next sequence number expected. */
    int rcvNxt;
    /** Right edge of the window offered: RCV.NXT + RCV.WND. It never moves back. */
    int rcvEdge;
    /** The acknowledgment number sent last. */
    int ackSent;
    /** Largest payload received, as an estimate of what a full segment of the peer's is. */
    char rcvMss;
    /** MSS that we announced. */
    char announcedMss;
    /** Sequence number of the peer's FIN, if {@link #peerFinKnown}. */
    int peerFin;

    // Timestamps, RFC 7323.
    int tsOffset;
    int tsRecent;
    /** When it came, seconds. */
    int tsRecentAt;

    // Deadlines, microseconds; one node in the wheel serves all.
    /** Retransmission or, if {@link #persist}, window probe. */
    long retransmitAt = NEVER;

    /** Keep-alive, FIN-WAIT-2, or an end of waiting for the application to read. */
    long aliveAt = NEVER;

    long lastSent;
    long lastReceived;
    /** When a segment without text was last refused with an acknowledgment, microseconds that wrap; 0 for never. */
    int refusedAt;
    /** When text came last, milliseconds that wrap; before that, the peer's SYN. */
    int textReceived;
    /** When the neighbour that it goes through was confirmed last, seconds that wrap. */
    char confirmedAt;
    /** Second in which challenge acknowledgments are counted, from 1 on and then from 1 again. */
    char challengeSecond;

    // What outlasts a rest of the connection, and is out of date while it has a transfer.
    /** Bytes that the peer acknowledged: where the transmit queue goes on. */
    long transmitted;
    /** Bytes received in order: where the receive queue goes on. */
    long received;
    /** SND.NXT when a loss was found last. */
    int recover;
    /** Least round trip of late, microseconds; 0 if unknown. */
    int leastRoundTrip;
    /** When that was measured, seconds. */
    int leastAt;
    /** {@link io.millrace.stack.socket.tcp.recovery.Rack#reorderingMemory}. */
    short reorderingMemory;
    /** {@link Spurious#reportsDue}, and {@link TailProbe#PENDING}. */
    byte reportsDue;

    // For TcpInfo only.
    int segmentsIn;
    int dataSegmentsIn;
    int segmentsOut;
    int dataSegmentsOut;
    /** Segments that arrived. */
    int delivered;
    /** Bytes a second, as measured last; see {@link PathModel}. */
    float deliveryRate;
    /** {@link BusyTime#before}, its low 32 bits. */
    int busyBefore;
    /** Null as long as nothing stood in the way. */
    private @Nullable Hindrances hindrances;

    byte sendShift;
    byte receiveShift;
    byte retries;
    byte keepAliveMisses;
    /** {@link QuickAcks}. */
    byte quickAcks;

    short challengesLeft;

    /** Whether both sides scale windows; before the peer's SYN, whether we offer it. So too the next two. */
    boolean scaling;

    boolean timestamps;
    boolean sack;
    /** Both sides use congestion notification. */
    boolean usesEcn;
    /** Our SYN does not ask for congestion notification, or no more, as the peer reset the one that did. */
    boolean withoutEcn;

    boolean noDelay;
    /** Only full segments are sent (TCP_CORK). */
    boolean corked;
    /** What the application said about holding back and refusing, bits of {@link #MORE_FOLLOWS} and so on. */
    private byte holding;

    boolean finQueued;
    boolean peerFinKnown;
    /** The peer's FIN came in order. */
    boolean peerFinReceived;

    boolean ackNow;
    boolean persist;
    /** The application was told "full" and wants to be called. */
    boolean wantsWrite;
    /** Waits for memory, to write or to open its window: bits of {@link EventQueue}. */
    byte starved;
    /** In the list of connections that have something to send. */
    boolean ready;
    /** In the flow table. */
    boolean inTable;
    /** The application, not the path, limited {@link #deliveryRate}. */
    boolean deliveryLimited;

    /** Events that the application has not been told of; bits of {@link TcpEngine}. */
    byte events;

    TcpConnection(final TcpEngine engine, final FlowEntry flow, final int iss) {
        super(flow);
        this.engine = engine;
        final TcpConfig config = engine.config;
        this.iss = iss;
        this.una = iss;
        this.nxt = iss;
        this.max = iss;
        this.rtt = new RttEstimator(config.timeouts().initialRto());
        this.mss = config.features().minMss();
        this.congestion = new CongestionControl(config.features().congestionControl(), mss);
        this.recover = iss;
        this.noDelay = config.features().noDelay();
        this.quickAcks = QuickAcks.first(config.timeouts().quickAcks());
    }

    /** A segment of the peer's came, with text or with its SYN if {@code text}. */
    void onReceived(final boolean text, final long now) {
        lastReceived = now;
        if (text) {
            textReceived = (int) (now / 1_000);
        }
    }

    /** What data on its way needs, or null if there is none. */
    @Nullable
    Transfer transferOrNull() {
        return transfer;
    }

    /** What data on its way needs; taken now if there was none. */
    Transfer transfer() {
        Transfer current = transfer;
        if (current == null) {
            current = engine.transfers.take(this);
            transfer = current;
        }
        return current;
    }

    /** Gives back what is not needed as long as no data is on its way, if none is. */
    void rest() {
        final Transfer current = transfer;
        final boolean over = state == TcpState.CLOSED || (allAcknowledged() && retransmitAt == NEVER);
        if (current == null || !over) {
            return;
        }
        current.trim();
        if (current.isIdle()) {
            current.rest(this);
            transfer = null;
            engine.transfers.give(current);
        }
    }

    /** Bytes to be sent or acknowledged. */
    ByteQueue transmit() {
        return transfer().transmit;
    }

    /** Bytes to be read. */
    ByteQueue receive() {
        return transfer().receive;
    }

    LossRecovery recovery() {
        return transfer().recovery;
    }

    /** What stood in the way so far; made now if nothing did. */
    Hindrances hindrances() {
        Hindrances current = hindrances;
        if (current == null) {
            current = new Hindrances();
            hindrances = current;
        }
        return current;
    }

    /** What stood in the way so far, or null if nothing did. */
    @Nullable
    Hindrances hindrancesOrNull() {
        return hindrances;
    }

    /** The last ICMP error that said that the peer cannot be reached, {@link Hindrances#reported}; 0 if it was heard since. */
    int reported() {
        final Hindrances known = hindrances;
        return known == null ? 0 : known.reported;
    }

    /** The peer was heard. */
    void forgetReported() {
        final Hindrances known = hindrances;
        if (known != null) {
            known.reported = 0;
        }
    }

    /** What both sides count of marks; null unless they agreed on Accurate ECN. */
    @Nullable
    AccurateEcn accurateEcn() {
        final Ecn known = ecn;
        return known == null ? null : known.accurate();
    }

    /** Bytes queued that were not sent or not acknowledged. */
    int queued() {
        final Transfer current = transfer;
        return current == null ? 0 : current.transmit.size();
    }

    /** Bytes received in order that the application has not read. */
    int unread() {
        final Transfer current = transfer;
        return current == null ? 0 : current.receive.size();
    }

    /** What the application has of it. */
    TcpSocket<?> socket() {
        if (socket == null) {
            throw new IllegalStateException("connection without a socket");
        }
        return socket;
    }

    /** Bytes and flags sent and not acknowledged. */
    int inFlight() {
        return max - una;
    }

    /** Bytes of data, SYN and FIN left out, that were sent and not acknowledged. */
    int sentBytes() {
        return Math.min(inFlight(), queued());
    }

    /** Whether all that was ever sent is acknowledged. */
    boolean allAcknowledged() {
        return una == max;
    }

    /** Sequence number of our FIN; meaningful once our SYN is acknowledged and until the FIN is. */
    int finSeq() {
        return una + queued();
    }

    /** Whether our FIN was sent and acknowledged. */
    boolean finAcknowledged() {
        return finQueued && queued() == 0 && (state == TcpState.FIN_WAIT_2 || state == TcpState.TIME_WAIT);
    }

    /** Bytes that the peer may still send. */
    int receiveWindow() {
        return rcvEdge - rcvNxt;
    }

    /** Position in the receive queue of the byte with sequence number {@code seq}. */
    long receivePosition(final int seq) {
        return receive().tail() + TcpSeq.diff(seq, rcvNxt);
    }

    /** Position in the transmit queue of the byte with sequence number {@code seq}. */
    long transmitPosition(final int seq) {
        return transmit().head() + TcpSeq.diff(seq, una);
    }

    /** Whether something received in order has not been acknowledged. */
    boolean owesAck() {
        return rcvNxt != ackSent;
    }

    /** Bytes that the application may still queue. */
    int writable() {
        return SendRoom.of(this);
    }

    /** Whether bits of {@link #MORE_FOLLOWS} and so on are set. */
    boolean holds(final int bits) {
        return (holding & bits) != 0;
    }

    /** Sets or clears such bits. */
    void hold(final int bits, final boolean on) {
        holding = (byte) (on ? holding | bits : holding & ~bits);
    }

    /** Whether a segment that is not full waits, though Nagle's algorithm would let it go. */
    boolean holdsBack() {
        return (corked || holds(MORE_FOLLOWS)) && !holds(RELEASED) && !finQueued && !isFull();
    }

    /** Whether nothing more can follow what is queued before that leaves: the buffer is smaller than a segment. */
    private boolean isFull() {
        return nxt == una && queued() >= sendBuffer();
    }

    /** Bytes queued and never sent. */
    int notSent() {
        return Math.max(0, queued() - (nxt - una));
    }

    /** Whether there is room enough again to call an application that found the buffer full. */
    boolean writeDue() {
        return SendRoom.isDue(this);
    }

    /** Whether the application wants to hear of what there is to read, or has to, as there is no memory for more. */
    boolean readDue() {
        return peerFinReceived
                || unread() >= Math.min(settings().receiveLowWater(), receiveBuffer() / 2)
                || engine.chunks.scarce();
    }

    /** What holds for it: options of its own, or those as configured. Only to be read. */
    TcpOptions settings() {
        final TcpOptions own = options;
        return own == null ? engine.settings : own;
    }

    /** Options of its own, to be set. */
    TcpOptions ownOptions() {
        TcpOptions own = options;
        if (own == null) {
            own = new TcpOptions(this);
            options = own;
        }
        return own;
    }

    int sendBuffer() {
        final int set = settings().sendBufferSet();
        return set > 0 ? set : BufferTuning.sendBuffer(this);
    }

    int receiveBuffer() {
        final int set = settings().receiveBufferSet();
        if (set > 0) {
            return set;
        }
        final Transfer current = transfer;
        final int tuned = current == null ? BufferTuning.receiveBuffer(this) : current.receiveBuffer;
        return scaling ? tuned : Math.min(tuned, 0xFFFF); // without scaling, more cannot be offered
    }

    /** The window that our SYN offers. */
    int firstWindow() {
        return Math.min(Math.min(receiveBuffer(), settings().windowClamp()), 0xFFFF);
    }

    /** Goes on with another congestion control. */
    void setCongestionControl(final CongestionAlgorithm algorithm) {
        if (algorithm != CongestionAlgorithm.BBR) {
            PathModel.release(this);
        }
        congestion.algorithm(algorithm, mss);
        final Transfer current = transfer;
        final SentSegments flight = current == null ? null : current.recovery.sent();
        if (flight != null) {
            PathModel.measure(this, flight, engine.now());
        }
    }

    long earliestDeadline() {
        final long earliest = Math.min(retransmitAt, aliveAt);
        final Transfer current = transfer;
        return current == null ? earliest : Math.min(earliest, current.earliestDeadline());
    }

    int rto() {
        return rtt.rto(settings().maxRto());
    }

    /** Smallest of what the peer takes, the path carries and we are set to send, less the options of every segment. */
    void updateMss(final int pathMss) {
        final SizeSearch search = sizeSearch;
        mss = SegmentSize.largestPayload(this, search == null ? pathMss : Math.min(pathMss, search.limit));
        congestion.onMssChanged(mss);
    }
}
