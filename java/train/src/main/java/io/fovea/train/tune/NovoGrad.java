package io.fovea.train.tune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.fovea.train.TrainableGraph.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gradient descent with momentum whose steps have, for each array, a length relative to the array's own (NovoGrad: Ginsburg et al. 2019;
 * LARS: You et al. 2017). Within an array weights move in proportion to their gradients. Adam, which gives every weight the same stride, lets
 * the weights of classes that hardly occur follow noise: on SSDLite it lowered the loss and the average precision. Not thread-safe.
 */
final class NovoGrad {
    private static final float BETA1 = .9f;
    private static final float BETA2 = .98f;
    private static final double EPSILON = 1e-12;

    private final List<Parameter> parameters;
    private final List<NDArray> momentum = new ArrayList<>();
    private final double[] second;
    private final double[] length;

    NovoGrad(List<Parameter> parameters, NDManager manager) {
        this.parameters = List.copyOf(parameters);
        second = new double[parameters.size()];
        length = new double[parameters.size()];
        for (int i = 0; i < length.length; i++) {
            NDArray array = parameters.get(i).array();
            momentum.add(manager.zeros(array.getShape()));
            length[i] = Math.max(norm(array.toFloatArray()), .01 * Math.sqrt(array.size()));
        }
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float v : values) {
            sum += (double) v * v;
        }
        return Math.sqrt(sum);
    }

    /**
     * Changes the parameters by their gradients and clears those.
     *
     * @param rate length of a step, as a share of the length that each array had at the beginning (or, where it was next to nothing, of .01 a weight)
     */
    void step(double rate) {
        for (int i = 0; i < second.length; i++) {
            NDArray array = parameters.get(i).array();
            try (NDScope scope = new NDScope()) {
                NDArray gradient = array.getGradient();
                double square = gradient.square().sum().getFloat();
                second[i] = second[i] == 0 ? square : BETA2 * second[i] + (1 - BETA2) * square;
                double scale = (1 - BETA1) / Math.sqrt(second[i] + EPSILON);
                momentum.get(i).muli(BETA1).addi(gradient.mul((float) scale));
                array.stopGradient().subi(momentum.get(i).mul((float) (rate * length[i])));
                gradient.muli(0);
                scope.suppressNotUsedWarning();
            }
        }
    }

    /** Returns the state by name, for a checkpoint. */
    Map<String, float[]> state() {
        Map<String, float[]> state = new TreeMap<>();
        for (int i = 0; i < second.length; i++) {
            state.put(parameters.get(i).name() + "/momentum", momentum.get(i).toFloatArray());
            state.put(parameters.get(i).name() + "/second", new float[]{(float) second[i], (float) length[i]});
        }
        return state;
    }

    /** Puts a saved state back. */
    void restore(Map<String, float[]> state) {
        for (int i = 0; i < second.length; i++) {
            momentum.get(i).set(state.get(parameters.get(i).name() + "/momentum"));
            second[i] = state.get(parameters.get(i).name() + "/second")[0];
            length[i] = state.get(parameters.get(i).name() + "/second")[1];
        }
    }
}
