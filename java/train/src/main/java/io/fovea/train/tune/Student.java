package io.fovea.train.tune;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.sites.Mask;
import io.fovea.train.TrainableGraph;
import io.fovea.train.TrainableGraph.Parameter;
import io.fovea.train.tune.TuneSettings.Layers;
import io.fovea.train.tune.TuneSettings.Learn;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** The net that trains, with the moving average of its weights. Not thread-safe. */
final class Student {
    /** Views that go through a whole net at once: more only push each other out of the processor's caches. */
    private static final int AT_ONCE = 2;
    private static final short ABSENT = Float.floatToFloat16(Targets.ABSENT);

    private final Model model;
    private final Layout layout;
    private final TuneSettings settings;
    private final MaskedForward masked;
    private final NDManager manager;
    private final TrainableGraph net;
    private final Loss loss;
    private final FeatureLoss features;
    private final NovoGrad optimizer;
    private final List<NDArray> average = new ArrayList<>();

    /** What the held-out photos say. */
    record Judged(double loss, double ap) {}

    /**
     * Some views of a file.
     *
     * @param masks one per view, or null when everything is computed, or was left out before
     */
    private record Batch(ViewFile from, int[] views, List<Mask> masks) {}

    /**
     * Takes over a model's weights.
     *
     * @param masked how it runs under its gate's masks, or null
     */
    Student(Model model, Cut cut, Layout layout, MaskedForward masked, TuneSettings settings, NDManager manager) {
        this.model = model;
        this.layout = layout;
        this.settings = settings;
        this.masked = masked;
        this.manager = manager;
        net = new TrainableGraph(model.graph(), manager,
                (node, kind) -> cut.trained().contains(node.name()) && learns(node, kind));
        optimizer = new NovoGrad(net.parameters(), manager);
        loss = new Loss(model.spec().scoreActivation(), model.spec().backgroundIndex(), settings.boxWeight(),
                settings.focus());
        features = new FeatureLoss(model.spec());
        for (Parameter p : net.parameters()) {
            average.add(manager.create(p.array().toFloatArray(), p.array().getShape()));
        }
    }

    private boolean learns(Node node, String kind) {
        return settings.learn() == Learn.ALL || !kind.equals("/weight")
                || node.op() instanceof Op.Conv c && c.groups() > 1 && c.groups() == c.outChannels();
    }

    /**
     * Makes one step; returns the loss before it. When that is not finite, the weights stay as they are.
     *
     * @param keep share of the old weights in the average
     * @param random chooses the masks
     */
    double step(ViewFile views, int[] batch, double rate, double keep, Random random) {
        int some = settings.layers() == Layers.ALL ? AT_ONCE : batch.length;
        double value = 0;
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            for (int from = 0; from < batch.length; from += some) {
                int[] part = Arrays.copyOfRange(batch, from, Math.min(batch.length, from + some));
                try (NDScope scope = new NDScope()) {
                    Batch now = new Batch(views, part, masked == null ? null : masks(views, part, random));
                    NDArray sum = loss(now).mul((float) part.length / batch.length);
                    value += sum.getFloat();
                    if (!Double.isFinite(value)) {
                        return value;
                    }
                    collector.backward(sum);
                    scope.suppressNotUsedWarning();
                }
            }
            try (NDScope scope = new NDScope()) {
                optimizer.step(rate);
                for (int i = 0; i < average.size(); i++) {
                    NDArray now = net.parameters().get(i).array().stopGradient();
                    average.get(i).muli((float) keep).addi(now.mul((float) (1 - keep)));
                }
                scope.suppressNotUsedWarning();
            }
        }
        return value;
    }

    private List<Mask> masks(ViewFile views, int[] batch, Random random) {
        TuneSettings.Masks how = settings.masks();
        List<Mask> masks = new ArrayList<>();
        for (int view : batch) {
            boolean whole = random.nextDouble() < how.whole();
            double threshold = threshold() + how.spread() * (2 * random.nextDouble() - 1);
            masks.add(whole ? masked.whole() : masked.mask(views.read(view, layout.logits()), (float) threshold));
        }
        return masks;
    }

    private float threshold() {
        return settings.masks().threshold() != null ? settings.masks().threshold() : masked.threshold();
    }

    private NDArray loss(Batch batch) {
        DetectorSpec spec = model.spec();
        Map<String, NDArray> values = values(batch);
        NDArray scores = load(batch, layout.scores(), spec.rows(), spec.classes().size());
        NDArray boxes = boxes(batch);
        NDArray sum = loss.of(values.get(spec.scoresOutput()), values.get(spec.boxesOutput()), scores, boxes);
        if (layout.features().isEmpty()) {
            return sum;
        }
        List<NDArray> own = new ArrayList<>();
        List<NDArray> teacher = new ArrayList<>();
        for (int i = 0; i < layout.features().size(); i++) {
            own.add(values.get(layout.features().get(i)));
            teacher.add(map(batch, layout.feature(i), layout.features().get(i)));
        }
        NDArray computed = boxes.get(new NDIndex(":, :, 4")).gte(0).toType(DataType.FLOAT32, false);
        return sum.add(features.of(own, teacher, scores, computed).mul((float) settings.featureWeight()));
    }

    /** Computes the head's rows, and the values that teach features. */
    private Map<String, NDArray> values(Batch batch) {
        Map<String, NDArray> given = new HashMap<>();
        for (int i = 0; i < layout.values().size(); i++) {
            given.put(layout.values().get(i), map(batch, i, layout.values().get(i)));
        }
        List<String> wanted = new ArrayList<>(layout.features());
        wanted.add(model.spec().boxesOutput());
        wanted.add(model.spec().scoresOutput());
        if (batch.masks() == null) {
            return net.run(given, wanted, (v, computed) -> computed);
        }
        NDArray small = masked.isPeripheral()
                ? load(batch, layout.picture(), 3, masked.smallHeight(), masked.smallWidth())
                        .toType(DataType.FLOAT32, false)
                : null;
        return net.run(given, wanted, masked.rewrite(net, batch.masks(), small, manager));
    }

    private NDArray map(Batch batch, int part, String value) {
        io.fovea.graph.Shape s = model.graph().shape(value);
        return load(batch, part, s.channels(), s.height(), s.width()).toType(DataType.FLOAT32, false);
    }

    /** Loads the targets of the boxes; rows that the masks leave out become absent. */
    private NDArray boxes(Batch batch) {
        int rows = model.spec().rows();
        ByteBuffer bytes = bytes(batch, layout.boxes(), 5L * rows);
        for (int i = 0; batch.masks() != null && i < batch.views().length; i++) {
            boolean[] computed = masked.computed(batch.masks().get(i));
            for (int row = 0; row < rows; row++) {
                if (!computed[row]) {
                    bytes.putShort(2 * (5 * (i * rows + row) + 4), ABSENT);
                }
            }
        }
        return manager.create(bytes, new Shape(batch.views().length, rows, 5), DataType.FLOAT16);
    }

    private NDArray load(Batch batch, int part, long... shape) {
        long values = 1;
        for (long s : shape) {
            values *= s;
        }
        long[] batched = new long[shape.length + 1];
        batched[0] = batch.views().length;
        System.arraycopy(shape, 0, batched, 1, shape.length);
        return manager.create(bytes(batch, part, values), new Shape(batched), DataType.FLOAT16);
    }

    private static ByteBuffer bytes(Batch batch, int part, long values) {
        int[] views = batch.views();
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) (2 * values * views.length)).order(ByteOrder.nativeOrder());
        MemorySegment all = MemorySegment.ofBuffer(bytes);
        for (int i = 0; i < views.length; i++) {
            batch.from().copy(views[i], part, all, 2 * values * i);
        }
        return bytes;
    }

    /** Judges the averaged weights on held-out views, under the masks of the threshold itself. */
    Judged judge(ViewFile held, HeldOut judge, int[] columns) {
        Map<String, float[]> now = weights();
        put(average());
        try {
            DetectorSpec spec = model.spec();
            List<PhotoDetections> found = new ArrayList<>();
            double sum = 0;
            for (int i = 0; i < held.count(); i++) {
                try (NDScope scope = new NDScope()) {
                    List<Mask> masks = masked == null
                            ? null
                            : List.of(masked.mask(held.read(i, layout.logits()), threshold()));
                    Batch one = new Batch(held, new int[]{i}, masks);
                    Map<String, NDArray> rows = values(one);
                    NDArray scores = rows.get(spec.scoresOutput());
                    NDArray boxes = rows.get(spec.boxesOutput());
                    NDArray wanted = boxes(one);
                    sum += loss.of(scores, boxes, load(one, layout.scores(), spec.rows(), spec.classes().size()),
                            wanted).getFloat();
                    Answer answer = Answer.of(spec, boxes.toFloatArray(), scores.toFloatArray());
                    silence(answer, wanted.get(new NDIndex(":, :, 4")).gte(0).toBooleanArray());
                    found.add(judge.detections(i, answer, spec, columns));
                    scope.suppressNotUsedWarning();
                }
            }
            return new Judged(sum / held.count(), judge.judge(found));
        } finally {
            put(now);
        }
    }

    /** Rows that are not computed say nothing. */
    private static void silence(Answer answer, boolean[] computed) {
        for (int row = 0; row < answer.rows(); row++) {
            if (!computed[row]) {
                Arrays.fill(answer.scores(), row * answer.columns(), (row + 1) * answer.columns(), 0);
            }
        }
    }

    /** Returns the weights of now, by name. */
    Map<String, float[]> weights() {
        Map<String, float[]> weights = new TreeMap<>();
        net.parameters().forEach(p -> weights.put(p.name(), p.array().toFloatArray()));
        return weights;
    }

    /** Returns the averaged weights, by name. */
    Map<String, float[]> average() {
        Map<String, float[]> weights = new TreeMap<>();
        for (int i = 0; i < average.size(); i++) {
            weights.put(net.parameters().get(i).name(), average.get(i).toFloatArray());
        }
        return weights;
    }

    Map<String, float[]> optimizer() {
        return optimizer.state();
    }

    /** Goes on from a saved state. */
    void restore(TuneState state) {
        optimizer.restore(state.optimizer());
        put(state.weights());
        for (int i = 0; i < average.size(); i++) {
            average.get(i).set(state.average().get(net.parameters().get(i).name()));
        }
    }

    private void put(Map<String, float[]> weights) {
        for (Parameter p : net.parameters()) {
            NDArray array = p.array();
            // Setting an alias as a whole would give it storage of its own; through an index it writes to the parameter's.
            try (NDArray alias = array.stopGradient();
                    NDArray values = manager.create(weights.get(p.name()), array.getShape())) {
                alias.set(new NDIndex("..."), values);
            }
        }
    }

    /** Returns the model with given weights. */
    Model with(Map<String, float[]> weights) {
        put(weights);
        return new Model(net.trained(), model.spec(), model.calibration(), model.gate());
    }
}
