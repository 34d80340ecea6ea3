package io.fovea.train.tune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fovea.format.DetectorSpec;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.GateSpec.Stretch;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Shape;
import io.fovea.plan.Plan;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.sites.Mask;
import io.fovea.sites.MaskPool;
import io.fovea.sites.SiteGrid;
import io.fovea.train.TrainableGraph;
import io.fovea.train.TrainableGraph.Rewrite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The engine's gated mode as a change of a differentiable net's values: each value that a window reads is overwritten at inactive sites by what
 * they read as, the small run's maps where the gate has a line for them, calibrated means elsewhere. Sites are chosen by the engine's own rule,
 * and what is computed at active sites equals its gated run within 1e-4. No gradient goes through mask and background. Not thread-safe.
 */
final class MaskedForward {
    private final GateSpec spec;
    private final int inputHeight;
    private final int inputWidth;
    private final Plan plan;
    private final Plan.Output rows;
    private final int rowCount;
    private final List<Hidden> hidden = new ArrayList<>();
    private final MaskPool[] pools;

    /** A value whose inactive sites are read: as a line over the small run's map, or as a mean when there is none. */
    private record Hidden(String value, int domain, Shape shape, Stretch line, float[] mean) {}

    /**
     * Takes over how a detector runs under a gate.
     *
     * @throws ModelFormatException if the gate does not fit the detector, or a value has neither periphery nor mean
     */
    MaskedForward(Model student, GateModel gate) {
        gate.checkFits(student);
        spec = gate.spec();
        DetectorSpec detector = student.spec();
        inputHeight = detector.input().height();
        inputWidth = detector.input().width();
        try (Session session = Session.open(student.graph(), new SessionOptions(1, "scalar"))) {
            plan = session.plan();
        }
        rowCount = detector.rows();
        rows = plan.outputs().stream().filter(o -> o.name().equals(detector.scoresOutput())).findFirst().orElseThrow();
        for (Plan.Value value : plan.values()) {
            if (value.tableRead() && !plan.domains().get(value.domain()).complete()) {
                hidden.add(hidden(student, value));
            }
        }
        pools = new MaskPool[plan.domains().size()];
        for (int d = 0; d < pools.length; d++) {
            SiteGrid grid = plan.domains().get(d).grid();
            pools[d] = new MaskPool(inputHeight, inputWidth, grid.height(), grid.width());
        }
    }

    private Hidden hidden(Model student, Plan.Value value) {
        String name = value.name();
        if (student.graph().writer(name) == null) {
            throw new ModelFormatException("'" + student.spec().name() + "' reads '" + name
                    + "' under a mask, which its graph has not; learn on the graph as the engine rewrites it");
        }
        Stretch line = spec.peripheral().get(name);
        float[] mean = student.calibration().means().get(name);
        if (line == null && mean == null) {
            throw new ModelFormatException("'" + student.spec().name() + "' has no calibrated means of '" + name
                    + "' for sites that a gate leaves out; run 'fovea calibrate' first");
        }
        return new Hidden(name, value.domain(), value.shape(), line, mean);
    }

    /** Returns whether the small copy of the picture is looked at. */
    boolean isPeripheral() {
        return hidden.stream().anyMatch(h -> h.line() != null);
    }

    /** Returns the height of the small copy of the picture, pixels. */
    int smallHeight() {
        return spec.inputHeight();
    }

    /** Returns the width of the small copy of the picture, pixels. */
    int smallWidth() {
        return spec.inputWidth();
    }

    /** Returns the logit above which a cell is foreground, unless another is asked for. */
    float threshold() {
        return spec.threshold();
    }

    /**
     * Makes a mask as the gate does.
     *
     * @param logits one per cell
     * @param threshold above which a cell is foreground
     */
    Mask mask(float[] logits, float threshold) {
        boolean[] above = new boolean[logits.length];
        for (int i = 0; i < above.length; i++) {
            above[i] = logits[i] > threshold;
        }
        return Mask.of(inputHeight, inputWidth, spec.cell(), above).dilate(spec.margin());
    }

    /** Returns a mask with every cell. */
    Mask whole() {
        return Mask.uniform(inputHeight, inputWidth, spec.cell(), true);
    }

    private boolean[] active(int domain, Mask mask) {
        SiteGrid grid = plan.domains().get(domain).grid();
        boolean[] active = new boolean[grid.sites()];
        if (plan.domains().get(domain).complete() || mask.isFull()) {
            Arrays.fill(active, true);
        } else {
            pools[domain].pool(mask, spec.coarseShare(), active);
        }
        return active;
    }

    /** Returns which of the head's rows a mask leaves to be computed. */
    boolean[] computed(Mask mask) {
        boolean[] computed = new boolean[rowCount];
        for (Plan.Part part : rows.parts()) {
            boolean[] active = active(plan.values().get(part.value()).domain(), mask);
            for (int site = 0; site < active.length; site++) {
                int first = part.firstRow() + site * part.rowsPerSite();
                Arrays.fill(computed, first, first + part.rowsPerSite(), active[site]);
            }
        }
        return computed;
    }

    /**
     * Returns the change for a batch.
     *
     * @param net the net, whose weights of now make the periphery
     * @param masks one per view
     * @param small the small copies of the pictures, {@code [views][3][h][w]}, or null when none is looked at
     */
    Rewrite rewrite(TrainableGraph net, List<Mask> masks, NDArray small, NDManager manager) {
        if (masks.stream().allMatch(Mask::isFull)) {
            return (value, computed) -> computed;
        }
        Map<Integer, NDArray> active = new HashMap<>();
        Map<String, NDArray> background = new HashMap<>();
        Map<String, Integer> domains = new HashMap<>();
        List<String> peripheral = hidden.stream().filter(h -> h.line() != null).map(Hidden::value).toList();
        Map<String, NDArray> seen = peripheral.isEmpty()
                ? new LinkedHashMap<>()
                : net.run(Map.of(net.graph().input(), small), peripheral, (value, computed) -> computed);
        for (Hidden h : hidden) {
            NDArray sites = active.computeIfAbsent(h.domain(), d -> flags(d, masks, manager));
            NDArray rest = sites.mul(-1).add(1);
            NDArray read = h.line() == null
                    ? perChannel(h.mean(), manager)
                    : stretched(seen.get(h.value()).stopGradient(), h, manager);
            background.put(h.value(), read.mul(rest));
            domains.put(h.value(), h.domain());
        }
        return (value, computed) -> {
            Integer domain = domains.get(value);
            return domain == null ? computed : computed.mul(active.get(domain)).add(background.get(value));
        };
    }

    private NDArray flags(int domain, List<Mask> masks, NDManager manager) {
        SiteGrid grid = plan.domains().get(domain).grid();
        float[] flags = new float[masks.size() * grid.sites()];
        int at = 0;
        for (Mask mask : masks) {
            for (boolean on : active(domain, mask)) {
                flags[at++] = on ? 1 : 0;
            }
        }
        return manager.create(flags, new ai.djl.ndarray.types.Shape(masks.size(), 1, grid.height(), grid.width()));
    }

    private static NDArray perChannel(float[] row, NDManager manager) {
        return manager.create(row, new ai.djl.ndarray.types.Shape(1, row.length, 1, 1));
    }

    /** Brings a small map to the size of the whole one: bilinear, half-pixel centres, clamped at the border, along the channel's line. */
    private static NDArray stretched(NDArray map, Hidden h, NDManager manager) {
        int height = (int) map.getShape().get(2);
        int width = (int) map.getShape().get(3);
        NDArray line = map.mul(perChannel(h.line().a(), manager)).add(perChannel(h.line().b(), manager));
        NDArray down = manager.create(reading(h.shape().height(), height),
                new ai.djl.ndarray.types.Shape(h.shape().height(), height));
        NDArray across = manager.create(reading(h.shape().width(), width),
                new ai.djl.ndarray.types.Shape(h.shape().width(), width));
        return down.matMul(line.matMul(across.transpose()));
    }

    /** Returns what each of {@code whole} places reads of {@code small} ones as a matrix {@code [whole][small]}. */
    private static float[] reading(int whole, int small) {
        float[] matrix = new float[whole * small];
        for (int i = 0; i < whole; i++) {
            float at = Math.clamp((i + .5f) * small / whole - .5f, 0, small - 1);
            int before = (int) at;
            matrix[i * small + before] += 1 - (at - before);
            matrix[i * small + Math.min(before + 1, small - 1)] += at - before;
        }
        return matrix;
    }
}
