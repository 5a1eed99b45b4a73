package io.millrace.stack.socket.tcp;

import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.HostSecret;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.socket.tcp.config.TcpFastOpen;

/** Fast Open of one stack, as far as it can be changed while it runs. Belongs to the thread of its stack. */
public final class FastOpen {
    final FastOpenServer server;
    final FastOpenClient client;
    private final FastOpenKeys own;
    private TcpFastOpen settings;

    FastOpen(final TcpEngine engine, final Entropy entropy) {
        this.settings = engine.config.fastOpen();
        this.own = FastOpenKeys.of(entropy.hostHash(HostSecret.FAST_OPEN));
        this.server = new FastOpenServer(engine);
        this.client = new FastOpenClient(engine, this);
    }

    /** What holds now. */
    public TcpFastOpen settings() {
        return settings;
    }

    /** Sets what holds from now on; listeners that there are keep what they took from it, but the keys. */
    public void settings(final TcpFastOpen value) {
        settings = value;
    }

    /** What cookies are made with, unless a listener has keys of its own. */
    public FastOpenKeys keys() {
        final FastOpenKeys set = settings.keys();
        return set == null ? own : set;
    }

    /** Forgets the cookies of all servers, and which paths were in the way. */
    public void forget() {
        client.forget();
    }
}
