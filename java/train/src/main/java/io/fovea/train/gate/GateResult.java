package io.fovea.train.gate;

import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.Model;
import io.fovea.graph.Graph;
import io.fovea.graph.Shape;
import io.fovea.lab.data.Problems;
import io.fovea.run.Gating;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What a training gave: the gate and how it does on the photos that were held out. Immutable apart from its problems. */
public final class GateResult {
    /** COCO's bounds between small, medium and large objects, square pixels of a photo 640 pixels wide. */
    private static final double SMALL = 32 * 32;
    private static final double LARGE = 96 * 96;
    private static final double COCO_WIDTH = 640;

    final Model model;
    final TrainSettings settings;
    final Trunk trunk;
    final CellGrid grid;
    final Graph gate;
    final int trainingPhotos;
    final List<GateSample> heldOut;
    final List<float[]> logits;
    final List<double[]> losses;
    final Problems problems;
    final double seconds;
    private final float threshold;

    GateResult(Model model, TrainSettings settings, Trunk trunk, CellGrid grid, Graph gate, int trainingPhotos,
            List<GateSample> heldOut, List<float[]> logits, List<double[]> losses, Problems problems, double seconds) {
        this.model = model;
        this.settings = settings;
        this.trunk = trunk;
        this.grid = grid;
        this.gate = gate;
        this.trainingPhotos = trainingPhotos;
        this.heldOut = List.copyOf(heldOut);
        this.logits = List.copyOf(logits);
        this.losses = List.copyOf(losses);
        this.problems = problems;
        this.seconds = seconds;
        List<Coverage.Covered> marks = covered(settings.rule()::marks);
        this.threshold = marks.isEmpty() ? 0 : Coverage.thresholdFor(marks, settings.recall());
    }

    /** A point of the curve of thresholds. */
    record Point(float threshold, double recall, double share) {}

    /** How marks of one size fare. */
    record Size(String name, int marks, double recall) {}

    /** Returns the logit above which a cell is foreground: the highest that reaches the wanted recall on the held-out photos. */
    public float threshold() {
        return threshold;
    }

    /** Returns the share of held-out marks that are covered at the threshold. */
    public double recall() {
        return Coverage.recall(covered(settings.rule()::marks), threshold);
    }

    /** Returns the share of cells above the threshold. */
    public double share() {
        return Coverage.share(logits, threshold);
    }

    /**
     * Returns the gate as what its file holds, without a periphery.
     *
     * @param facts about its training, for people
     */
    public GateModel model(Map<String, String> facts) {
        Map<String, Shape> inputs = new LinkedHashMap<>();
        trunk.kept().forEach(read -> inputs.put(read, gate.shape(read)));
        Graph head = new Graph("gate", inputs, GateHead.own(gate, trunk), gate.outputs());
        GateSpec spec = new GateSpec(model.spec().name(), settings.trunk(), settings.inputSize(),
                settings.inputSize(), trunk.learns() ? List.of() : trunk.reads(), threshold, settings.cell(),
                settings.growth(),
                (float) Gating.DEFAULT_COARSE_SHARE, Map.of(), facts);
        return new GateModel(List.of(head), spec);
    }

    /** Returns the photos learnt from. */
    public int trainingPhotos() {
        return trainingPhotos;
    }

    /** Returns the photos held out. */
    public int heldOutPhotos() {
        return heldOut.size();
    }

    /** Returns mean training loss and held-out loss of each pass. */
    public List<double[]> losses() {
        return losses;
    }

    /** Returns what was wrong with the photos. */
    public Problems problems() {
        return problems;
    }

    /** Returns how long it took. */
    public double seconds() {
        return seconds;
    }

    /** Returns the multiply-accumulates of the gate: the small run and the head. */
    public long macs() {
        return trunk.macs() + GateHead.macs(gate, trunk);
    }

    List<Coverage.Covered> covered(Predicate<Mark> filter) {
        return Coverage.of(grid, heldOut, logits, filter);
    }

    /** Returns recall against share over the range of thresholds. */
    List<Point> curve(Predicate<Mark> filter) {
        List<Coverage.Covered> marks = covered(filter);
        List<Point> points = new ArrayList<>();
        for (float t = 4; t >= -8; t -= .25f) {
            points.add(new Point(t, Coverage.recall(marks, t), Coverage.share(logits, t)));
        }
        return points;
    }

    /** Returns the recall by size as COCO sorts objects, if the photos were 640 pixels wide; of annotated objects, or of detections. */
    List<Size> sizes(Mark.Kind kind) {
        double scale = COCO_WIDTH / grid.inputWidth();
        List<Size> sizes = new ArrayList<>();
        double[] bounds = {0, SMALL, LARGE, Double.POSITIVE_INFINITY};
        String[] names = {"small", "medium", "large"};
        for (int i = 0; i < names.length; i++) {
            double from = bounds[i];
            double to = bounds[i + 1];
            List<Coverage.Covered> marks = covered(m -> m.kind() == kind && settings.rule().marks(m)
                    && m.area() * scale * scale >= from && m.area() * scale * scale < to);
            sizes.add(new Size(names[i], marks.size(), Coverage.recall(marks, threshold)));
        }
        return sizes;
    }
}
