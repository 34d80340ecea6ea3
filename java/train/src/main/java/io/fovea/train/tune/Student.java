package io.fovea.train.tune;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.train.TrainableGraph;
import io.fovea.train.TrainableGraph.Parameter;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The net that trains, with the moving average of its weights. Not thread-safe. */
final class Student {
    private final Model model;
    private final Cut cut;
    private final NDManager manager;
    private final TrainableGraph net;
    private final Loss loss;
    private final NovoGrad optimizer;
    private final List<NDArray> average = new ArrayList<>();

    /** What the held-out photos say. */
    record Judged(double loss, double ap) {}

    Student(Model model, Cut cut, TuneSettings settings, NDManager manager) {
        this.model = model;
        this.cut = cut;
        this.manager = manager;
        net = new TrainableGraph(model.graph(), manager, node -> cut.trained().contains(node.name()));
        optimizer = new NovoGrad(net.parameters(), manager);
        loss = new Loss(model.spec().scoreActivation(), model.spec().backgroundIndex(), settings.boxWeight(),
                settings.focus());
        for (Parameter p : net.parameters()) {
            average.add(manager.create(p.array().toFloatArray(), p.array().getShape()));
        }
    }

    /** Makes one step; returns the loss before it. When that is not finite, the weights stay as they are. */
    double step(ViewFile views, int[] batch, double rate, double keep) {
        try (NDScope scope = new NDScope()) {
            double value;
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray sum = loss(views, batch);
                value = sum.getFloat();
                if (!Double.isFinite(value)) {
                    return value;
                }
                collector.backward(sum);
            }
            optimizer.step(rate);
            for (int i = 0; i < average.size(); i++) {
                NDArray now = net.parameters().get(i).array().stopGradient();
                average.get(i).muli((float) keep).addi(now.mul((float) (1 - keep)));
            }
            scope.suppressNotUsedWarning();
            return value;
        }
    }

    private NDArray loss(ViewFile views, int[] batch) {
        Map<String, NDArray> rows = rows(views, batch);
        DetectorSpec spec = model.spec();
        int parts = cut.values().size();
        NDArray scores = load(views, batch, parts, spec.rows(), spec.classes().size());
        NDArray boxes = load(views, batch, parts + 1, spec.rows(), 5);
        return loss.of(rows.get(spec.scoresOutput()), rows.get(spec.boxesOutput()), scores, boxes);
    }

    private Map<String, NDArray> rows(ViewFile views, int[] batch) {
        Map<String, NDArray> given = new HashMap<>();
        for (int i = 0; i < cut.values().size(); i++) {
            io.fovea.graph.Shape s = model.graph().shape(cut.values().get(i));
            given.put(cut.values().get(i), load(views, batch, i, s.channels(), s.height(), s.width())
                    .toType(DataType.FLOAT32, false));
        }
        return net.run(given, List.of(model.spec().boxesOutput(), model.spec().scoresOutput()),
                (v, computed) -> computed);
    }

    private NDArray load(ViewFile views, int[] batch, int part, long... shape) {
        long values = 1;
        for (long s : shape) {
            values *= s;
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) (2 * values * batch.length)).order(ByteOrder.nativeOrder());
        MemorySegment all = MemorySegment.ofBuffer(bytes);
        for (int i = 0; i < batch.length; i++) {
            views.copy(batch[i], part, all, 2 * values * i);
        }
        long[] batched = new long[shape.length + 1];
        batched[0] = batch.length;
        System.arraycopy(shape, 0, batched, 1, shape.length);
        return manager.create(bytes, new Shape(batched), DataType.FLOAT16);
    }

    /** Judges the averaged weights on held-out views. */
    Judged judge(ViewFile held, HeldOut judge, int[] columns) {
        Map<String, float[]> now = weights();
        put(average());
        try {
            DetectorSpec spec = model.spec();
            List<PhotoDetections> found = new ArrayList<>();
            double sum = 0;
            for (int i = 0; i < held.count(); i++) {
                try (NDScope scope = new NDScope()) {
                    int[] one = {i};
                    Map<String, NDArray> rows = rows(held, one);
                    NDArray scores = rows.get(spec.scoresOutput());
                    NDArray boxes = rows.get(spec.boxesOutput());
                    int parts = cut.values().size();
                    sum += loss.of(scores, boxes, load(held, one, parts, spec.rows(), spec.classes().size()),
                            load(held, one, parts + 1, spec.rows(), 5)).getFloat();
                    Answer answer = Answer.of(spec, boxes.toFloatArray(), scores.toFloatArray());
                    silence(answer, held.read(i, parts + 1));
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
    private static void silence(Answer answer, float[] boxTargets) {
        for (int row = 0; row < answer.rows(); row++) {
            if (boxTargets[5 * row + 4] < 0) {
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
            p.array().stopGradient().set(weights.get(p.name()));
        }
    }

    /** Returns the model with given weights. */
    Model with(Map<String, float[]> weights) {
        put(weights);
        return new Model(net.trained(), model.spec(), model.calibration(), model.gate());
    }
}
