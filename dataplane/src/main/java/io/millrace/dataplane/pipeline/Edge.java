package io.millrace.dataplane.pipeline;

/** A way out of a node. The node declares it and gives it a name; the graph says where it leads. */
public final class Edge {
    private final String name;

    /** What a place of the node's vector is marked with. */
    final int mark;

    private Node to;
    private boolean connected;

    @SuppressWarnings("NullAway.Init") // every edge of a graph is connected
    Edge(final String name, final int mark) {
        this.name = name;
        this.mark = mark;
    }

    /** The name that its node gave it. */
    public String name() {
        return name;
    }

    Node to() {
        return to;
    }

    boolean isConnected() {
        return connected;
    }

    void connect(final Node node) {
        to = node;
        connected = true;
    }
}
