package io.millrace.config;

/**
 * A service and where it listens, written {@code echo:7}, over TCP with {@linkplain ListenSpec options} behind slashes.
 *
 * @param kind what it does
 * @param port 1 to 65535, on every address of ours
 * @param listen what its listener does otherwise than usual
 */
public record ServiceSpec(ServiceKind kind, int port, ListenSpec listen) {
    /** A service whose listener does as usual. */
    public ServiceSpec(ServiceKind kind, int port) {
        this(kind, port, ListenSpec.USUAL);
    }

    @Override
    public String toString() {
        return kind.text() + ":" + port;
    }
}
