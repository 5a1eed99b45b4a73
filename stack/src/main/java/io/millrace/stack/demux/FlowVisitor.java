package io.millrace.stack.demux;

/** Is shown flows. */
@FunctionalInterface
public interface FlowVisitor {
    /** Looks at one; arguments as the fields of {@link FlowEntry}. */
    void visit(int family, long localHi, long localLo, long remoteHi, long remoteLo, int ports);
}
