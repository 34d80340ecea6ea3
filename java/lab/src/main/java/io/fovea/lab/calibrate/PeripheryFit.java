package io.fovea.lab.calibrate;

import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.GateSpec.Stretch;
import io.fovea.format.GateSpec.Trunk;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.gate.TrunkGraph;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.image.ImageException;
import io.fovea.image.InputEncoder;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Problems;
import io.fovea.plan.Plan;
import io.fovea.plan.Windows;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.SmallRun;
import io.fovea.run.Workspace;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Fits the periphery of a gate on plain photos: per channel of each value the line from the small run's map, read bilinearly, to the
 * whole run's, by least squares over all sites of all photos. Photos are read one by one; only sums are kept. The same photos in the same
 * order give the same lines.
 */
public final class PeripheryFit implements AutoCloseable {
    private final Map<String, LineFit> fits = new LinkedHashMap<>();
    private final InputEncoder wholeInput;
    private final InputEncoder smallInput;
    private final Session whole;
    private final Session small;
    private final SmallRun maps;
    private final Map<Integer, LineFit> atStep = new HashMap<>();

    /**
     * What a fit gave.
     *
     * @param gate the gate with the lines
     * @param photos photos read
     * @param problems those that could not be
     * @param explained by value: the share of the whole run's variance that the lines explain, over all channels; at most 1
     */
    public record Report(GateModel gate, int photos, Problems problems, Map<String, Double> explained) {}

    private PeripheryFit(Model detector, GateModel gate, Collection<String> values, int threads, String kernels) {
        GateSpec spec = gate.spec();
        gate.checkFits(detector);
        wholeInput = detector.spec().input().encoder();
        smallInput = detector.spec().input().encoder(spec.inputWidth(), spec.inputHeight());
        SessionOptions options = new SessionOptions(threads, kernels);
        small = Session.open(TrunkGraph.cut(detector.graph(), spec.inputHeight(), spec.inputWidth(),
                SmallRun.kept(Passes.optimise(detector.graph()), values)), options);
        try (Session fused = Session.open(detector.graph(), options)) {
            whole = fused.unfused();
        }
        Map<String, Stretch> same = new LinkedHashMap<>();
        Plan plan = whole.plan();
        for (String value : values) {
            Shape shape = plan.graph().shape(value);
            float[] ones = new float[shape.channels()];
            Arrays.fill(ones, 1);
            same.put(value, new Stretch(ones, new float[ones.length]));
            fits.put(value, new LineFit(value, shape));
        }
        maps = new SmallRun(small.plan(), plan.graph(), same, kernels);
        for (int s = 0; s < plan.steps().size(); s++) {
            int out = plan.steps().get(s).out();
            LineFit fit = fits.get(plan.values().get(out).name());
            if (fit != null) {
                atStep.values().remove(fit);
                atStep.put(s, fit);
            }
        }
    }

    /**
     * Returns the values that a gate's small run can stand in for: those that neighbour tables of the detector read and that are computed
     * from the trunk's values by at most one more node.
     *
     * @throws ModelFormatException if the gate has a trunk of its own or does not fit the detector
     */
    public static List<String> values(Model detector, GateModel gate) {
        gate.checkFits(detector);
        if (gate.spec().trunk() == Trunk.OWN) {
            throw new ModelFormatException("a gate with a trunk of its own computes no values of the detector");
        }
        Graph graph = Passes.optimise(detector.graph());
        Set<String> trunk = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(gate.spec().reads());
        while (!open.isEmpty()) {
            String value = open.pop();
            Node writer = trunk.add(value) ? graph.writer(value) : null;
            if (writer != null) {
                open.addAll(writer.inputs());
            }
        }
        return Windows.read(graph).stream().filter(v -> trunk.containsAll(graph.writer(v).inputs())).toList();
    }

    /**
     * Fits all values that the small run can stand in for.
     *
     * @param detector the detector
     * @param gate its gate; what it has of a periphery is not used
     * @param photos files; one that cannot be read is counted and left out
     * @param threads threads of the nets, 0 for as many as there are processors
     * @param kernels kernel tier, {@code auto} for the best
     * @param progress told the number of photos done so far after each one
     * @throws DataException if none of the photos can be read
     * @throws ModelFormatException if the gate does not fit the detector or has a trunk of its own
     */
    public static Report run(Model detector, GateModel gate, List<Path> photos, int threads, String kernels,
            IntConsumer progress) {
        return run(detector, gate, values(detector, gate), photos, threads, kernels, progress);
    }

    /** Fits the given values; see {@link #run(Model, GateModel, List, int, String, IntConsumer)}. */
    public static Report run(Model detector, GateModel gate, Collection<String> values, List<Path> photos, int threads,
            String kernels, IntConsumer progress) {
        try (PeripheryFit fit = new PeripheryFit(detector, gate, values, threads, kernels)) {
            return fit.fit(gate, photos, progress);
        }
    }

    private Report fit(GateModel gate, List<Path> photos, IntConsumer progress) {
        Problems problems = new Problems();
        int read = 0;
        for (int i = 0; i < photos.size(); i++) {
            try {
                add(Image.read(photos.get(i)));
                read++;
            } catch (ImageException e) {
                problems.add(Problems.Kind.PHOTO_UNREADABLE, e.getMessage());
            }
            progress.accept(i + 1);
        }
        if (read == 0) {
            throw new DataException("no photo to fit the periphery on"
                    + (problems.isEmpty() ? "" : ": " + String.join("; ", problems.lines())));
        }
        Map<String, Stretch> lines = new LinkedHashMap<>();
        Map<String, Double> explained = new LinkedHashMap<>();
        fits.forEach((value, fit) -> {
            lines.put(value, fit.line());
            explained.put(value, fit.explained());
        });
        return new Report(gate.with(gate.spec().withPeripheral(lines)), read, problems, explained);
    }

    private void add(Image photo) {
        try (Workspace looking = small.lease(); Workspace workspace = whole.lease()) {
            smallInput.encode(photo, looking.input());
            looking.run();
            wholeInput.encode(photo, workspace.input());
            try (SmallRun.Seen seen = maps.of(looking)) {
                workspace.run((index, step, out) -> {
                    LineFit fit = atStep.get(index);
                    if (fit != null) {
                        fit.add(seen, out);
                    }
                });
            }
        }
    }

    @Override
    public void close() {
        whole.close();
        small.close();
        fits.values().forEach(LineFit::close);
    }
}
