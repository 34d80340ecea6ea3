package io.fovea.train.gate;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.GradientCollector;
import io.fovea.graph.Graph;
import io.fovea.train.Adam;
import io.fovea.train.TrainableGraph.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Learns the head of a gate. The same samples, gate, settings and number of threads give the same weights. Close it; used by one thread.
 */
final class GateTrainer implements AutoCloseable {
    private final TrainSettings settings;
    private final CellGrid grid;
    private final List<io.fovea.graph.Shape> inputs;
    private final NDManager manager;
    private final GateNet net;
    private final GateNet averaged;
    private final Adam adam;
    private long steps;

    /**
     * Takes over a gate.
     *
     * @param manager closed with the trainer
     */
    GateTrainer(Graph gate, Trunk trunk, CellGrid grid, TrainSettings settings, NDManager manager) {
        this.settings = settings;
        this.grid = grid;
        this.manager = manager;
        this.inputs = trunk.kept().stream().map(gate::shape).toList();
        this.net = new GateNet(gate, trunk, grid, manager);
        this.averaged = new GateNet(gate, trunk, grid, manager);
        this.adam = new Adam(net.parameters(), manager);
        averaged.parameters().forEach(p -> p.array().setRequiresGradient(false));
    }

    /**
     * Goes through the samples once.
     *
     * @param epoch number of the pass, from 0; it decides the order and the rate
     * @param watch told the mean loss so far after each step
     * @return the mean loss
     * @throws ArithmeticException if the loss is no number; the averaged weights then hold the last good state
     */
    double epoch(List<GateSample> samples, int epoch, Watch watch) {
        Random random = new Random(settings.seed() * 1_000_003 + epoch);
        List<GateSample> shuffled = new ArrayList<>(samples);
        Collections.shuffle(shuffled, random);
        int batches = Math.ceilDiv(shuffled.size(), settings.batch());
        double sum = 0;
        for (int b = 0; b < batches; b++) {
            List<GateSample> batch = shuffled.subList(b * settings.batch(),
                    Math.min(shuffled.size(), (b + 1) * settings.batch()));
            double progress = (epoch + (double) b / batches) / settings.epochs();
            float rate = (float) (settings.rate() * .5 * (1 + Math.cos(Math.PI * Math.min(1, progress))));
            double loss = step(batch, rate, random);
            if (!Double.isFinite(loss)) {
                throw new ArithmeticException("the loss is " + loss + " in epoch " + (epoch + 1) + ", step " + (b + 1));
            }
            sum += loss;
            watch.after(b + 1, batches, sum / (b + 1));
        }
        return sum / batches;
    }

    /** Follows an epoch. */
    interface Watch {
        void after(int step, int of, double loss);
    }

    private double step(List<GateSample> batch, float rate, Random random) {
        boolean[] mirrored = new boolean[batch.size()];
        for (int i = 0; i < mirrored.length; i++) {
            mirrored[i] = random.nextBoolean();
        }
        double value;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            try (GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray loss = loss(net, batch, mirrored);
                value = loss.getFloat();
                if (!Double.isFinite(value)) {
                    return value;
                }
                gradients.backward(loss);
            }
            adam.step(rate, settings.decay());
            steps++;
            follow();
        }
        return value;
    }

    private void follow() {
        float keep = (float) Math.min(settings.average(), (1.0 + steps) / (10.0 + steps));
        List<Parameter> now = net.parameters();
        List<Parameter> slow = averaged.parameters();
        for (int i = 0; i < now.size(); i++) {
            slow.get(i).array().muli(keep).addi(now.get(i).array().stopGradient().mul(1 - keep));
        }
    }

    /** Mean over the photos of the weighted mean over the cells of binary cross-entropy. */
    private NDArray loss(GateNet with, List<GateSample> batch, boolean[] mirrored) {
        float[] target = new float[batch.size() * grid.cells()];
        float[] weight = new float[target.length];
        for (int i = 0; i < batch.size(); i++) {
            List<Mark> marks = batch.get(i).marks();
            LabelRule.Labels labels = settings.rule().labels(grid, mirrored[i]
                    ? marks.stream().map(m -> m.mirrored(grid.inputWidth())).toList()
                    : marks);
            System.arraycopy(labels.target(), 0, target, i * grid.cells(), grid.cells());
            System.arraycopy(labels.weight(), 0, weight, i * grid.cells(), grid.cells());
        }
        Shape shape = new Shape(batch.size(), 1, grid.rows(), grid.columns());
        NDArray y = manager.create(target, shape);
        NDArray w = manager.create(weight, shape);
        NDArray x = with.logits(maps(batch, mirrored));
        // log(1 + exp(x)) - x y
        return Activation.softPlus(x).sub(x.mul(y)).mul(w).sum().div((float) target.length);
    }

    private List<NDArray> maps(List<GateSample> batch, boolean[] mirrored) {
        List<NDArray> arrays = new ArrayList<>();
        for (int m = 0; m < inputs.size(); m++) {
            io.fovea.graph.Shape s = inputs.get(m);
            float[] values = new float[batch.size() * s.values()];
            for (int i = 0; i < batch.size(); i++) {
                short[] half = (mirrored[i] ? batch.get(i).mirrored() : batch.get(i).maps())[m];
                for (int v = 0; v < half.length; v++) {
                    values[i * half.length + v] = Float.float16ToFloat(half[v]);
                }
            }
            arrays.add(manager.create(values, new Shape(batch.size(), s.channels(), s.height(), s.width())));
        }
        return arrays;
    }

    /** Returns the averaged weights' logits of each sample's cells, row-major. */
    List<float[]> logits(List<GateSample> samples) {
        List<float[]> all = new ArrayList<>();
        for (int from = 0; from < samples.size(); from += settings.batch()) {
            List<GateSample> batch = samples.subList(from, Math.min(samples.size(), from + settings.batch()));
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                float[] values = averaged.logits(maps(batch, new boolean[batch.size()])).toFloatArray();
                for (int i = 0; i < batch.size(); i++) {
                    all.add(java.util.Arrays.copyOfRange(values, i * grid.cells(), (i + 1) * grid.cells()));
                }
            }
        }
        return all;
    }

    /** Returns the loss of the averaged weights on samples. */
    double loss(List<GateSample> samples) {
        double sum = 0;
        for (int from = 0; from < samples.size(); from += settings.batch()) {
            List<GateSample> batch = samples.subList(from, Math.min(samples.size(), from + settings.batch()));
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                sum += loss(averaged, batch, new boolean[batch.size()]).getFloat() * batch.size();
            }
        }
        return sum / samples.size();
    }

    /** Returns the gate with its averaged weights. */
    Graph trained() {
        return averaged.trained();
    }

    /** Returns everything that training goes on from. */
    Map<String, float[]> state() {
        Map<String, float[]> state = new TreeMap<>();
        state.put("steps", new float[]{steps});
        adam.state().forEach((name, values) -> state.put("adam/" + name, values));
        net.parameters().forEach(p -> state.put("now/" + p.name(), p.array().toFloatArray()));
        averaged.parameters().forEach(p -> state.put("averaged/" + p.name(), p.array().toFloatArray()));
        return state;
    }

    /** Puts a saved state back. */
    void restore(Map<String, float[]> state) {
        steps = (long) state.get("steps")[0];
        Map<String, float[]> moments = new TreeMap<>();
        state.forEach((name, values) -> {
            if (name.startsWith("adam/")) {
                moments.put(name.substring("adam/".length()), values);
            }
        });
        adam.restore(moments);
        net.parameters().forEach(p -> set(p, state.get("now/" + p.name())));
        averaged.parameters().forEach(p -> set(p, state.get("averaged/" + p.name())));
    }

    /** Writes into the array itself; {@code set(float[])} would give only its detached alias other memory. */
    private void set(Parameter parameter, float[] values) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray array = parameter.array();
            NDArray alias = array.hasGradient() ? array.stopGradient() : array;
            alias.set(new NDIndex("..."), manager.create(values, array.getShape()));
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
