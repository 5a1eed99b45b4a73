package io.millrace.stack.client;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.locks.LockSupport;

/**
 * What can be done with a socket without waiting, as bits with the numbers and the meaning of {@code poll(2)} on Linux.
 * The shard sets them; any thread may read them, or wait for some.
 */
public final class Readiness {
    /** There is something to read, or nothing will come any more, or a connection waits to be accepted. */
    public static final int READABLE = 0x1;

    /** The peer calls something urgent that was not read. */
    public static final int URGENT = 0x2;

    /** Bytes can be written, or writing fails at once. */
    public static final int WRITABLE = 0x4;

    /** An error waits to be taken. */
    public static final int ERROR = 0x8;

    /** Nothing can be received or sent any more, or not yet. */
    public static final int HANG_UP = 0x10;

    /** The same as {@link #READABLE}: POLLRDNORM. */
    public static final int READ_NORMAL = 0x40;

    /** The same as {@link #WRITABLE}: POLLWRNORM. */
    public static final int WRITE_NORMAL = 0x100;

    /** The same as {@link #WRITABLE}, of sockets that send packet by packet, as on Linux: POLLWRBAND. */
    public static final int WRITE_BAND = 0x200;

    /** The peer will send nothing any more: POLLRDHUP. */
    public static final int PEER_CLOSED = 0x2000;

    /** What is always told, asked for or not. */
    public static final int ALWAYS = ERROR | HANG_UP;

    /**
     * The next call fails, whether it reads or writes: not told, but waited for by those calls. {@link #ERROR} may also
     * mean an error that no call but the one for it takes.
     */
    static final int FAILING = 0x1_0000;

    private static final int TOLD = FAILING - 1;

    /** Waits without end. */
    static final long FOREVER = Long.MAX_VALUE;

    private static final Thread[] NOBODY = new Thread[0];
    private static final VarHandle WAITERS;
    private static final VarHandle EAGER;

    static {
        try {
            WAITERS = MethodHandles.lookup().findVarHandle(Readiness.class, "waiters", Thread[].class);
            EAGER = MethodHandles.lookup().findVarHandle(Readiness.class, "eager", int.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int bits;
    private volatile int arrivals;
    private volatile int drains;
    private volatile Thread[] waiters = NOBODY;
    /** How many of those wait for arrivals, whatever bits are set. */
    private volatile int eager;

    Readiness() {}

    /** What can be done now. */
    public int bits() {
        return bits & TOLD;
    }

    /**
     * Changes whenever something came that can be read, or the connection ended, even if {@link #READABLE} was set
     * already: for whoever wants to be told of each edge.
     */
    public int arrivals() {
        return arrivals;
    }

    /** As {@link #arrivals}, of room to write. */
    public int drains() {
        return drains;
    }

    /**
     * Waits until one of several sockets is ready.
     *
     * @param sockets what to wait for, without those that are null
     * @param wanted the bits wanted of each, in the same order; {@link #ALWAYS} is wanted too
     * @param nanos how long at most; 0 or less not to wait, {@link Long#MAX_VALUE} for ever
     * @return how many are ready
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public static int await(final Collection<Readiness> sockets, final int[] wanted, final long nanos)
            throws InterruptedException {
        final Readiness[] all = sockets.toArray(new Readiness[0]);
        return nanos <= 0 ? count(all, wanted, ALWAYS) : await(all, wanted, ALWAYS, deadline(nanos));
    }

    /** When so many nanoseconds from now will be over. */
    static long deadline(final long nanos) {
        return nanos == FOREVER ? FOREVER : System.nanoTime() + nanos;
    }

    /**
     * Waits until one of the wanted bits is set, or the call that waits would fail.
     *
     * @param deadline until when at most
     * @return whether one is
     */
    boolean await(final int wanted, final long deadline) throws InterruptedException {
        return await(new Readiness[] {this}, new int[] {wanted}, HANG_UP | FAILING, deadline) > 0;
    }

    /**
     * Waits for another arrival, or until nothing comes any more.
     *
     * @param seen {@link #arrivals} when it was looked last
     * @param deadline until when at most
     * @return whether there is something to look at
     */
    boolean awaitArrival(final int seen, final long deadline) throws InterruptedException {
        add(Thread.currentThread());
        EAGER.getAndAdd(this, 1);
        try {
            while (arrivals == seen && (bits & (PEER_CLOSED | HANG_UP | FAILING)) == 0) {
                if (!park(this, deadline)) {
                    return arrivals != seen;
                }
            }
            return true;
        } finally {
            EAGER.getAndAdd(this, -1);
            remove(Thread.currentThread());
        }
    }

    private static int await(final Readiness[] all, final int[] wanted, final int always, final long deadline)
            throws InterruptedException {
        int ready = count(all, wanted, always);
        if (ready > 0) {
            return ready;
        }
        final Thread thread = Thread.currentThread();
        int added = 0;
        try {
            for (; added < all.length; added++) {
                all[added].add(thread);
            }
            // Looked at after joining: whoever sets a bit from now on sees us.
            for (ready = count(all, wanted, always); ready == 0; ready = count(all, wanted, always)) {
                if (!park(all, deadline)) {
                    return count(all, wanted, always);
                }
            }
            return ready;
        } finally {
            while (added > 0) {
                all[--added].remove(thread);
            }
        }
    }

    /** Something came. Shard only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void arrived() {
        arrivals++;
        if (eager > 0) {
            wake();
        }
    }

    /** There is room. Shard only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // as above
    void drained() {
        drains++;
    }

    /** Sets all bits anew and wakes whoever waits if one is new. Shard only; never waits. */
    void set(final int newBits) {
        final int old = bits;
        if (old == newBits) {
            return;
        }
        bits = newBits;
        if ((newBits & ~old) != 0) {
            wake();
        }
    }

    private void wake() {
        for (final Thread thread : waiters) {
            LockSupport.unpark(thread);
        }
    }

    /** Returns false when it is too late. */
    private static boolean park(final Object blocker, final long deadline) throws InterruptedException {
        if (deadline == FOREVER) {
            LockSupport.park(blocker);
        } else {
            final long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            LockSupport.parkNanos(blocker, left);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return true;
    }

    private static int count(final Readiness[] all, final int[] wanted, final int always) {
        int ready = 0;
        for (int i = 0; i < all.length; i++) {
            if ((all[i].bits & (wanted[i] | always)) != 0) {
                ready++;
            }
        }
        return ready;
    }

    private void add(final Thread thread) {
        Thread[] old;
        Thread[] more;
        do {
            old = waiters;
            more = Arrays.copyOf(old, old.length + 1);
            more[old.length] = thread;
        } while (!WAITERS.compareAndSet(this, old, more));
    }

    private void remove(final Thread thread) {
        Thread[] old;
        Thread[] fewer;
        do {
            old = waiters;
            int at = old.length - 1;
            while (old[at] != thread) {
                at--;
            }
            fewer = old.length == 1 ? NOBODY : new Thread[old.length - 1];
            System.arraycopy(old, 0, fewer, 0, at);
            System.arraycopy(old, at + 1, fewer, at, old.length - 1 - at);
        } while (!WAITERS.compareAndSet(this, old, fewer));
    }
}
