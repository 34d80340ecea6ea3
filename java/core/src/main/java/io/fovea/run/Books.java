package io.fovea.run;

import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Shape;
import io.fovea.kernel.Layer;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.sites.Mask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The books of arithmetic of one run, in multiply-accumulates (MACs) of convolutions. Four figures that are never mixed, for every step of
 * a plan and in total:
 * <ul>
 * <li><b>dense</b>: what the step's convolutions, as the model has them, take when every site is computed,
 * {@code H * W * kh * kw * Cin * Cout / groups} of the output's H x W; units of a head gate are no part of the net and have none;
 * <li><b>executed</b>: what the kernels issued in this run: active output sites x MACs of a site (of a fused block's first convolution:
 * active input sites). Depthwise channels that are constants ({@link io.fovea.graph.ConstantChannels}) are left out of the projection of
 * a fused block, so that a dense run may execute less than the dense MACs. A kernel does not skip single zeros, so nothing is taken off for them;
 * <li><b>non-zero</b>: BABO's measure, {@code sum over layers of dense * (non-zero values of the layer's input / values of that input)}. The
 * values are real activations, after their activation function and before padding, of a run of this photo in which no step is fused;
 * the values of an inactive site count as zeros whatever a kernel reads there (a background), and so do the pixels of background
 * cells in the net's input. No kernel here skips single zeros: it is a figure to compare with the paper, not a forecast of time;
 * <li><b>gate</b>: what deciding took: the gate in front of the net, and a head gate's units on the sites they looked at.
 * </ul>
 * A value counts as zero when it equals 0 (either sign).
 *
 * @param entries one per step of the session's plan, in its order
 * @param frontGate MACs of the gate in front of the net, 0 without one
 */
public record Books(List<Entry> entries, long frontGate) {
    public Books {
        entries = List.copyOf(entries);
    }

    /**
     * One step. All figures are MACs.
     *
     * @param step the step's name
     * @param dense when every site is computed
     * @param executed issued for the net
     * @param nonZero BABO's measure
     * @param gate issued for a unit of the head gate
     */
    public record Entry(String step, long dense, long executed, long nonZero, long gate) {}

    /**
     * Runs one photo and keeps the books. The net runs twice: as planned, and unfused (a session of its own that lives as long as the call).
     *
     * @param session the planned net
     * @param fill writes the photo's input rows
     * @param mask foreground, or null to compute everything
     * @param gating how the mask is applied; not used without a mask
     * @param fallback whether a mask that leaves too little to save is ignored
     * @param frontGate MACs of the gate that made the mask
     */
    public static Books of(Session session, Consumer<MemorySegment> fill, Mask mask, Gating gating, boolean fallback,
            long frontGate) {
        List<Step> steps = session.plan().steps();
        long[] issued = new long[steps.size()];
        Map<String, Long> nonZero = Map.of();
        if (mask == null || !mask.isEmpty()) {
            boolean masked;
            try (Workspace workspace = session.lease()) {
                fill.accept(workspace.input());
                run(workspace, mask, gating, fallback, null);
                Arrays.setAll(issued, workspace::executedMacs);
                masked = workspace.isMasked();
            }
            nonZero = nonZero(session, fill, masked ? mask : null, gating);
        }
        List<Entry> entries = new ArrayList<>();
        for (int s = 0; s < issued.length; s++) {
            Step step = steps.get(s);
            boolean unit = step.nodes().isEmpty();
            entries.add(new Entry(step.name(), unit ? 0 : dense(session.plan().graph(), step), unit ? 0 : issued[s],
                    nonZero(step, nonZero), unit ? issued[s] : 0));
        }
        return new Books(entries, frontGate);
    }

    private static void run(Workspace workspace, Mask mask, Gating gating, boolean fallback, StepObserver observer) {
        if (mask == null || mask.isFull()) {
            workspace.run(observer);
        } else {
            workspace.run(mask, gating, fallback, observer);
        }
    }

    private static long dense(Graph graph, Step step) {
        return step.nodes().stream().mapToLong(node -> Cost.of(graph, node).macs()).sum();
    }

    /** Returns the non-zero MACs of each convolution, by the name of the value that its node writes. */
    private static Map<String, Long> nonZero(Session session, Consumer<MemorySegment> fill, Mask mask, Gating gating) {
        Map<String, Long> result = new HashMap<>();
        try (Session whole = session.unfused(true); Workspace workspace = whole.lease()) {
            Plan plan = whole.plan();
            long[] counts = new long[plan.values().size()];
            fill.accept(workspace.input());
            counts[0] = inputCount(workspace.input(), plan.graph().inputShape(), mask);
            run(workspace, mask, gating, false, (index, step, out) -> {
                Shape in = plan.values().get(step.in()).shape();
                if (step.layer() instanceof Layer.Conv && !step.nodes().isEmpty()) {
                    double share = (double) counts[step.in()] / in.values();
                    result.put(step.nodes().getLast().output(), Math.round(dense(plan.graph(), step) * share));
                }
                Shape written = plan.values().get(step.out()).shape();
                counts[step.out()] = step.outDomain() == 0
                        ? inputCount(out, written, mask)
                        : count(out, (long) workspace.outRows(index) * written.channels());
            });
        }
        return result;
    }

    private static long nonZero(Step step, Map<String, Long> byValue) {
        if (!(step.layer() instanceof Layer.Conv || step.layer() instanceof Layer.Block)) {
            return 0;
        }
        long sum = 0;
        for (Node node : step.nodes()) {
            sum += byValue.getOrDefault(node.output(), 0L);
        }
        return sum;
    }

    /** Counts in a map of the input's resolution, all of whose sites have a row, those in the foreground. */
    private static long inputCount(MemorySegment rows, Shape shape, Mask mask) {
        int width = shape.width();
        int channels = shape.channels();
        long count = 0;
        for (int site = 0; site < shape.sites(); site++) {
            if (mask == null || mask.get(site / width / mask.cell(), site % width / mask.cell())) {
                count += count(rows.asSlice(4L * site * channels, 4L * channels), channels);
            }
        }
        return count;
    }

    private static long count(MemorySegment rows, long values) {
        long count = 0;
        for (long i = 0; i < values; i++) {
            count += rows.getAtIndex(ValueLayout.JAVA_FLOAT, i) != 0 ? 1 : 0;
        }
        return count;
    }

    /** Returns the dense MACs of the net. */
    public long dense() {
        return entries.stream().mapToLong(Entry::dense).sum();
    }

    /** Returns the executed MACs of the net, without gates. */
    public long executed() {
        return entries.stream().mapToLong(Entry::executed).sum();
    }

    /** Returns the non-zero MACs of the net, without gates. */
    public long nonZero() {
        return entries.stream().mapToLong(Entry::nonZero).sum();
    }

    /** Returns the MACs of all gates: the one in front and the head gate. */
    public long gate() {
        return frontGate + entries.stream().mapToLong(Entry::gate).sum();
    }

    /** Returns executed MACs, the gates' included, over dense MACs; 0 for a net without convolutions. */
    public double executedShare() {
        return dense() == 0 ? 0 : (double) (executed() + gate()) / dense();
    }

    /** Returns non-zero MACs, the gates' included, over dense MACs; 0 for a net without convolutions. */
    public double nonZeroShare() {
        return dense() == 0 ? 0 : (double) (nonZero() + gate()) / dense();
    }
}
