package io.millrace.stack.socket.tcp.config;

/**
 * How many segments of a connection are handled at once where they follow on one another. To the peer and to the
 * application it makes no difference; it spares work.
 *
 * @param send most segments built in one pass, as software segmentation (GSO) does; 1 builds each by itself
 * @param receive most segments of one burst that are one to the connection, as with receive offload (GRO); 1 for none
 */
public record TcpRuns(int send, int receive) {
    /** Most that either can be. */
    public static final int MOST = 64;

    /** As many as can be. */
    public static final TcpRuns ON = new TcpRuns(MOST, MOST);

    /** Each segment by itself. */
    public static final TcpRuns OFF = new TcpRuns(1, 1);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is not from 1 to {@link #MOST}
     */
    public TcpRuns {
        if (send < 1 || send > MOST || receive < 1 || receive > MOST) {
            throw new IllegalArgumentException(
                    "tcp.runs are " + send + " and " + receive + "; each must be from 1 to " + MOST);
        }
    }
}
