package io.millrace.dataplane.port.dpdk;

import java.util.regex.Pattern;

/**
 * Opens a device over shared memory again whose server has gone: those drivers of DPDK do not come back to it by
 * themselves. The link has to be down for {@value #PATIENCE_MICROS} microseconds, so that what is only slow is not
 * disturbed, and what the driver still does about the loss is done. Then whoever polls is kept out of the driver, the
 * device is closed, and an attempt is made every {@value #PATIENCE_MICROS} microseconds to open it as it was opened first.
 * A thread that has a queue and polls it no more holds that up.
 *
 * <p>Called by one thread at a time.
 */
final class Reopening {
    /** Time that the link is down before the device is closed, and between two attempts to open it. */
    static final long PATIENCE_MICROS = 1_000_000;

    private static final Pattern MEMIF = Pattern.compile("net_memif\\d*,(.*,)?role=(client|slave)(,.*)?");

    /** What has its path below /dev is the kernel, and no server that comes and goes. */
    private static final Pattern VIRTIO = Pattern.compile("(net_)?virtio_user\\d*,(.*,)?path=(?!/dev/).*");

    private static final Pattern SERVER = Pattern.compile(".*,server=1(,.*)?");

    private static final long NEVER = Long.MIN_VALUE;

    /** What can be done with the device. */
    interface Device {
        /** Whether the driver says that the link is up. */
        boolean linkUp();

        /** Keeps those who poll out of the driver from their next call on, or lets them in again. */
        void hold(boolean out);

        /** Whether all of them are out. */
        boolean isHeld();

        /** Closes it. */
        void close();

        /** Opens it again. Returns false if that cannot be now. */
        boolean open();
    }

    private enum Stage {
        /** The device is open; its link may be down. */
        OPEN,
        /** Those who poll are being kept out. */
        HOLDING,
        /** The device is closed. */
        CLOSED
    }

    private final Device device;
    private final boolean asksWhileDown;
    private Stage stage = Stage.OPEN;
    private boolean down;
    private long since = NEVER;

    /**
     * Begins with a device that is open.
     *
     * @param asksWhileDown whether the driver may be asked for its link again once that is down
     */
    Reopening(final Device device, final boolean asksWhileDown) {
        this.device = device;
        this.asksWhileDown = asksWhileDown;
    }

    /** Whether a device is a client on shared memory, which needs this. */
    static boolean isFor(final String devargs) {
        return MEMIF.matcher(devargs).matches()
                || (VIRTIO.matcher(devargs).matches()
                        && !SERVER.matcher(devargs).matches());
    }

    /**
     * Whether a driver may be asked for its link once that is down. Each time net_virtio_user is asked then, it has EAL's
     * interrupt thread do something with the device later, which must not be closed before.
     */
    static boolean asksWhileDown(final String devargs) {
        return MEMIF.matcher(devargs).matches();
    }

    /** Whether the link is up; the driver is asked only if it may be. */
    boolean linkUp() {
        if (stage != Stage.OPEN || (down && !asksWhileDown)) {
            return false;
        }
        down = !device.linkUp();
        return !down;
    }

    /** Does what is due; called now and then. */
    void tend(final long nowMicros) {
        if (stage == Stage.OPEN) {
            if (linkUp()) {
                since = NEVER;
            } else if (since == NEVER) {
                since = nowMicros;
            } else if (nowMicros - since >= PATIENCE_MICROS) {
                device.hold(true);
                stage = Stage.HOLDING;
            }
        }
        if (stage == Stage.HOLDING && device.isHeld()) {
            device.close();
            stage = Stage.CLOSED;
            since = NEVER;
        }
        if (stage == Stage.CLOSED && (since == NEVER || nowMicros - since >= PATIENCE_MICROS)) {
            since = nowMicros;
            if (device.open()) {
                stage = Stage.OPEN;
                down = false;
                since = NEVER;
                device.hold(false);
            }
        }
    }

    /** Whether the device is closed meanwhile. */
    boolean isClosed() {
        return stage == Stage.CLOSED;
    }

    /** Whether those who poll are kept out. */
    boolean holds() {
        return stage != Stage.OPEN;
    }
}
