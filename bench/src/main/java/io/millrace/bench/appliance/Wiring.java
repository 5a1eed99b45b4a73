package io.millrace.bench.appliance;

import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ServerPorts;
import io.millrace.config.ApplianceConfig;
import io.millrace.config.StationSpec;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.GraphBuilder;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.PortInput;
import io.millrace.dataplane.pipeline.PortOutput;
import io.millrace.dataplane.pipeline.node.Discard;
import io.millrace.dataplane.pipeline.node.End;
import io.millrace.dataplane.pipeline.node.LearningSwitch;
import io.millrace.dataplane.pipeline.node.MacSwap;
import io.millrace.dataplane.pipeline.node.MacTable;
import io.millrace.dataplane.pipeline.node.Recorder;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.Stack;
import io.millrace.stack.iface.VlanFilter;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.node.ChecksumWriter;
import io.millrace.stack.node.HostPath;
import io.millrace.stack.node.Responder;
import io.millrace.stack.node.StackNode;
import io.millrace.stack.node.VlanPop;
import io.millrace.stack.node.VlanPush;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The nodes of an appliance, connected as its mode wants them. Nodes of a port are numbered as it is. */
final class Wiring {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final ServePlan plan;
    private final ApplianceConfig config;
    private final ServerPorts ports;
    private final PoolCache cache;
    private final HostPorts hosts;
    private final List<PortQueue> queues = new ArrayList<>();
    private final List<PortInput> inputs = new ArrayList<>();
    private final List<PortOutput> outputs = new ArrayList<>();
    private final List<Responder> responders = new ArrayList<>();
    private final List<Recorder> recorders = new ArrayList<>();
    private final Graph graph;
    private @Nullable LearningSwitch bridge;
    private @Nullable Stack router;
    private @Nullable HostPath hostPath;

    /**
     * Connects the nodes.
     *
     * @param plan with an appliance
     * @param cache of the thread that will run them
     * @param hosts Linux's ends of the ports, for those that have one
     * @throws UserErrorException with what the user can mend
     */
    Wiring(ServePlan plan, ServerPorts ports, PoolCache cache, HostPorts hosts) {
        this.plan = plan;
        this.config = Objects.requireNonNull(plan.config().appliance());
        this.ports = ports;
        this.cache = cache;
        this.hosts = hosts;
        for (int i = 0; i < ports.ports().size(); i++) {
            final PortQueue queue = ports.ports().get(i).queue(0, cache);
            queues.add(queue);
            inputs.add(PortInput.numbered("in" + i, queue, config.burst(), i));
            outputs.add(new PortOutput("out" + i, queue));
        }
        final GraphBuilder builder = Graph.builder();
        switch (config.mode()) {
            case IO -> pairs(builder, null);
            case MACSWAP -> pairs(builder, i -> new MacSwap("macswap" + i));
            case CSUM -> pairs(builder, i -> new ChecksumWriter("csum" + i));
            case RECORDER -> record(builder);
            case RESPONDER -> respond(builder);
            case L2SWITCH -> bridge(builder);
            case L3ROUTER -> route(builder);
        }
        this.graph = builder.build(cache);
    }

    Graph graph() {
        return graph;
    }

    /** The switch; null in other modes. */
    @Nullable
    LearningSwitch bridge() {
        return bridge;
    }

    /** The router's stack; null in other modes. */
    @Nullable
    Stack router() {
        return router;
    }

    /** What Linux is to share addresses and routes with; null if nothing. */
    @Nullable
    HostSide hostSide() {
        if (hosts.isEmpty()) {
            return null;
        }
        return router != null && hostPath != null
                ? new RouterSide(router, hostPath)
                : new ResponderSide(plan, responders);
    }

    /** The responders, one for each port; none in other modes. */
    List<Responder> responders() {
        return responders;
    }

    /** The recorders, one for each port; none in other modes. */
    List<Recorder> recorders() {
        return recorders;
    }

    /** Makes the node of a port. */
    private interface Maker {
        Node of(int port);
    }

    private void pairs(GraphBuilder builder, @Nullable Maker maker) {
        for (int i = 0; i < inputs.size(); i++) {
            final PortOutput out = outputs.get(inputs.size() == 1 ? i : i ^ 1);
            if (maker == null) {
                builder.connect(inputs.get(i), out);
            } else {
                final Node node = maker.of(i);
                builder.connect(inputs.get(i), node).connect(node, out);
            }
        }
    }

    private void record(GraphBuilder builder) {
        for (int i = 0; i < inputs.size(); i++) {
            recorders.add(new Recorder("recorder" + i, cache.pool()));
        }
        if (inputs.size() == 1) {
            builder.connect(inputs.getFirst(), recorders.getFirst()).connect(recorders.getFirst(), new End("end"));
        } else {
            pairs(builder, recorders::get);
        }
    }

    private void respond(GraphBuilder builder) {
        for (int i = 0; i < inputs.size(); i++) {
            final Responder responder = new Responder("responder" + i, ports.macAddress(plan, i));
            for (final Cidr<? extends IpAddress> own : plan.addresses().get(i).own()) {
                if (!responder.add(own.address())) {
                    throw new UserErrorException(
                            "a port answers for " + Responder.MAX_ADDRESSES + " addresses at most; give it fewer");
                }
            }
            responders.add(responder);
            final HostPorts.Host host = hosts.of(i);
            final Node rest = host == null
                    ? new Discard("rest" + i, "notAsked", "packets that ask nothing which is answered here")
                    : new PortOutput("linux" + i, host.queue());
            final Node out = untagged(builder, i, responder);
            builder.connect(responder, "reply", out).connect(responder, "rest", rest);
            if (host != null) {
                builder.connect(fromLinux(i, host), out);
            }
        }
    }

    /** Lets a node see the frames of a port's VLAN without tags; returns where it sends what is to have them again. */
    private Node untagged(GraphBuilder builder, int port, Node node) {
        final VlanFilter vlan = vlan(port);
        if (vlan.equals(VlanFilter.NONE)) {
            builder.connect(inputs.get(port), node);
            return outputs.get(port);
        }
        final VlanPop pop = new VlanPop("untag" + port, vlan);
        final VlanPush push = new VlanPush("tag" + port, vlan);
        builder.connect(inputs.get(port), pop).connect(pop, node).connect(push, outputs.get(port));
        return push;
    }

    private VlanFilter vlan(int port) {
        return ServerPorts.vlan(plan.config().ports().get(port).vlan());
    }

    private void bridge(GraphBuilder builder) {
        final MacTable table =
                new MacTable(config.tableSize(), config.ageing() * MICROS_PER_SECOND, new SecureRandom());
        for (final StationSpec station : config.stations()) {
            if (!table.fix(station.mac(), station.vlan(), station.port())) {
                throw new UserErrorException(
                        "there are more stations set by hand than the table holds; raise --table-size");
            }
        }
        final LearningSwitch node = new LearningSwitch("switch", inputs.size(), table);
        bridge = node;
        fan(builder, node);
    }

    private void route(GraphBuilder builder) {
        final Stack stack = Stack.create(plan.stack(), cache);
        router = stack;
        final StackNode node = new StackNode("router", inputs.size(), stack);
        ports.addInterfaces(plan, stack, node::queue);
        stack.forwarding(ForwardingRules.ROUTER);
        if (hosts.isEmpty()) {
            fan(builder, node);
        } else {
            share(builder, node);
        }
    }

    /** A router that shares ports with the host. */
    private void share(GraphBuilder builder, StackNode node) {
        final HostPath path = new HostPath("host", inputs.size());
        hostPath = path;
        builder.connect(path, "router", node);
        for (int i = 0; i < inputs.size(); i++) {
            builder.connect(inputs.get(i), path).connect(node, "port" + i, outputs.get(i));
            final HostPorts.Host host = hosts.of(i);
            if (host == null) {
                builder.connect(path, "host" + i, node); // which counts that it has no use for them
            } else {
                share(builder, path, i, host);
            }
        }
    }

    /** Sends what is Linux's to Linux, without the tags of the port's VLAN, and what comes from there out of the port. */
    private void share(GraphBuilder builder, HostPath path, int port, HostPorts.Host host) {
        final VlanFilter vlan = vlan(port);
        final PortOutput linux = new PortOutput("linux" + port, host.queue());
        if (vlan.equals(VlanFilter.NONE)) {
            builder.connect(path, "host" + port, linux).connect(fromLinux(port, host), outputs.get(port));
            return;
        }
        path.vlan(port, vlan);
        final VlanPop pop = new VlanPop("untag" + port, vlan);
        final VlanPush push = new VlanPush("tag" + port, vlan);
        builder.connect(path, "host" + port, pop)
                .connect(pop, linux)
                .connect(fromLinux(port, host), push)
                .connect(push, outputs.get(port));
    }

    private PortInput fromLinux(int port, HostPorts.Host host) {
        return PortInput.numbered("fromLinux" + port, host.queue(), config.burst(), port);
    }

    /** One node between all inputs and all outputs. */
    private void fan(GraphBuilder builder, Node node) {
        for (int i = 0; i < inputs.size(); i++) {
            builder.connect(inputs.get(i), node).connect(node, "port" + i, outputs.get(i));
        }
    }
}
