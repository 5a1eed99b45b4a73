package io.millrace.config;

/**
 * A service and where it listens, written {@code echo:7}.
 *
 * @param kind what it does
 * @param port 1 to 65535, on every address of ours
 */
public record ServiceSpec(ServiceKind kind, int port) {
    @Override
    public String toString() {
        return kind.text() + ":" + port;
    }
}
