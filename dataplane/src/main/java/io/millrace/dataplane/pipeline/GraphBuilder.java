package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.buffer.PoolCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** Puts a {@link Graph} together. Mistakes are collected and told at once, by {@link #build}. */
public final class GraphBuilder {
    private final Set<Node> nodes = new LinkedHashSet<>();
    private final List<String> mistakes = new ArrayList<>();
    private int timeEvery = 64;
    private LongSupplier nanoClock = System::nanoTime;

    GraphBuilder() {}

    /**
     * Connects the only edge of a node.
     *
     * @param from the node that packets leave
     * @param to the node that they go to
     */
    public GraphBuilder connect(final Node from, final Node to) {
        if (from.edges().size() == 1) {
            return connect(from, from.edges().getFirst().name(), to);
        }
        nodes.add(from);
        nodes.add(to);
        mistakes.add(from.name() + " has "
                + (from.edges().isEmpty()
                        ? "no edges, so nothing can follow it; leave " + to.name() + " out"
                        : "several edges; say which leads to " + to.name() + ": " + names(from)));
        return this;
    }

    /** Connects an edge of a node, by its name. */
    public GraphBuilder connect(final Node from, final String edge, final Node to) {
        nodes.add(from);
        nodes.add(to);
        for (final Edge known : from.edges()) {
            if (known.name().equals(edge)) {
                connect(from, known, to);
                return this;
            }
        }
        mistakes.add(from.name() + " has no edge " + edge + "; it has " + names(from));
        return this;
    }

    private void connect(final Node from, final Edge edge, final Node to) {
        final String name = from.name() + "." + edge.name();
        if (to instanceof Source) {
            mistakes.add(name + " leads to " + to.name() + ", where packets begin; connect it to a node behind that");
        } else if (to.equals(from)) {
            mistakes.add(name + " leads back to " + to.name() + "; a packet would never leave it");
        } else if (edge.isConnected()) {
            mistakes.add(name + " leads to " + edge.to().name() + " already, so it cannot lead to " + to.name()
                    + "; give the node one edge for each");
        } else {
            edge.connect(to);
        }
    }

    /**
     * On how many polls one is measured; each time a poll that carries packets.
     *
     * @param polls 1 to measure all, which costs the reading of a clock for each burst of each node; 64 if not set
     * @throws IllegalArgumentException if it is less than 1
     */
    public GraphBuilder timeEvery(final int polls) {
        if (polls < 1) {
            throw new IllegalArgumentException("time every " + polls + " polls; it is 1 or more");
        }
        timeEvery = polls;
        return this;
    }

    /** The clock of the measurements, in nanoseconds; {@link System#nanoTime} if not set. */
    public GraphBuilder nanoClock(final LongSupplier clock) {
        nanoClock = clock;
        return this;
    }

    /**
     * Checks the whole, allocates all vectors and starts the nodes.
     *
     * @param cache the graph's thread's way into the pool of all its ports
     * @throws GraphException with every mistake there is; make new nodes to try again
     */
    public Graph build(final PoolCache cache) {
        checkNodes();
        final List<Node> order = order();
        if (!mistakes.isEmpty()) {
            throw new GraphException(mistakes);
        }
        final Map<Node, Integer> capacities = capacities(order);
        final Graph graph = new Graph(order, timeEvery, nanoClock);
        for (final Node node : order) {
            node.start(cache, capacities.getOrDefault(node, Graph.VECTOR));
        }
        return graph;
    }

    private void checkNodes() {
        final Set<String> names = new HashSet<>();
        boolean source = false;
        for (final Node node : nodes) {
            source |= node instanceof Source;
            if (node.isStarted()) {
                mistakes.add(node.name() + " is part of another graph; make one of its own for this");
            }
            if (!names.add(node.name())) {
                mistakes.add("two nodes are called " + node.name() + "; give each a name of its own");
            }
            for (final Edge edge : node.edges()) {
                if (!edge.isConnected()) {
                    mistakes.add(node.name() + "." + edge.name() + " leads nowhere; connect it to a node");
                } else if (!nodes.contains(edge.to())) {
                    mistakes.add(node.name() + "." + edge.name() + " leads to "
                            + edge.to().name() + " of another graph; make nodes of its own for this");
                }
            }
        }
        if (!source) {
            mistakes.add("no packet can come in; connect a PortInput, or another Source, to the first node");
            return;
        }
        final Set<Node> reached = new HashSet<>();
        for (final Node node : nodes) {
            if (node instanceof Source) {
                reach(node, reached);
            }
        }
        for (final Node node : nodes) {
            if (!reached.contains(node)) {
                mistakes.add("no packet can reach " + node.name() + "; connect an edge to it, or leave it out");
            }
        }
    }

    private static void reach(final Node node, final Set<Node> reached) {
        if (reached.add(node)) {
            for (final Edge edge : node.edges()) {
                if (edge.isConnected()) {
                    reach(edge.to(), reached);
                }
            }
        }
    }

    /** Every node behind all those that lead to it; a cycle is a mistake. */
    private List<Node> order() {
        final Set<Node> done = new LinkedHashSet<>();
        // Backwards twice, so that what was named first is run first where that is possible.
        for (final Node node : new ArrayList<>(nodes).reversed()) {
            visit(node, new LinkedHashSet<>(), done);
        }
        return new ArrayList<>(done).reversed();
    }

    private void visit(final Node node, final Set<Node> path, final Set<Node> done) {
        if (done.contains(node)) {
            return;
        }
        path.add(node);
        for (final Edge edge : node.edges().reversed()) {
            if (edge.isConnected() && path.contains(edge.to())) {
                mistakes.add(cycle(path, edge.to()) + " is a cycle; a packet might never leave it");
            } else if (edge.isConnected()) {
                visit(edge.to(), path, done);
            }
        }
        path.remove(node);
        done.add(node);
    }

    /** The nodes from one on, as a path that ends where it begins: at the one that was named first. */
    private String cycle(final Set<Node> path, final Node back) {
        final List<Node> way = new ArrayList<>(path);
        final List<Node> within = way.subList(way.indexOf(back), way.size());
        for (final Node first : nodes) {
            final int at = within.indexOf(first);
            if (at >= 0) {
                Collections.rotate(within, -at);
                break;
            }
        }
        within.add(within.getFirst());
        return String.join(" -> ", within.stream().map(Node::name).toList());
    }

    /**
     * Room for what all predecessors can send together, if each sends a packet along one edge at most: more only comes of
     * nodes that make packets.
     */
    private static Map<Node, Integer> capacities(final List<Node> order) {
        final Map<Node, Integer> sums = new LinkedHashMap<>();
        for (final Node node : order) {
            final int own = node instanceof Source source ? source.most() : sums.getOrDefault(node, 0);
            final int capacity = Math.min(Graph.MAX_VECTOR, Math.max(Graph.VECTOR, own));
            sums.put(node, capacity);
            for (final Edge edge : node.edges()) {
                final int sent = node instanceof Source source ? source.most() : capacity;
                sums.merge(edge.to(), sent, (a, b) -> Math.min(Graph.MAX_VECTOR, a + b));
            }
        }
        return sums;
    }

    private static String names(final Node node) {
        return node.edges().isEmpty()
                ? "none"
                : String.join(", ", node.edges().stream().map(Edge::name).toList());
    }
}
