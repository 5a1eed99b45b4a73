package io.millrace.dataplane.linux;

/** Hears what the kernel's tables hold, and how they change. Called by the thread that reads the socket. */
public interface RouteListener {
    /**
     * A route of the main table is there.
     *
     * @param replaces whether another one of the same destination and metric has gone for it
     */
    void onRoute(LinuxRoute route, boolean replaces);

    /** A route of the main table has gone. */
    void onRouteGone(LinuxRoute route);

    /** An interface has an address. */
    void onAddress(LinuxAddress address);

    /** An interface has lost an address. */
    void onAddressGone(LinuxAddress address);

    /** An interface has changed; with it routes may have gone of which nothing more is told. */
    void onDevice(int index);

    /** The kernel had more to tell than there was room for, or its tables changed while it told them: read them anew. */
    void onOverrun();
}
