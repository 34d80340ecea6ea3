package io.fovea.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.fovea.train.TrainableGraph.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), whose state can be saved and put back, which DJL's
 * own cannot. Not thread-safe.
 */
public final class Adam {
    private static final float BETA1 = .9f;
    private static final float BETA2 = .999f;
    private static final float EPSILON = 1e-8f;

    private final List<Parameter> parameters;
    private final List<NDArray> first = new ArrayList<>();
    private final List<NDArray> second = new ArrayList<>();
    private long steps;

    /**
     * Starts with no memory.
     *
     * @param manager holds the moments
     */
    public Adam(List<Parameter> parameters, NDManager manager) {
        this.parameters = List.copyOf(parameters);
        for (Parameter p : parameters) {
            first.add(manager.zeros(p.array().getShape()));
            second.add(manager.zeros(p.array().getShape()));
        }
    }

    /**
     * Changes the parameters by their gradients and clears those.
     *
     * @param rate learning rate
     * @param decay weight decay per unit of rate, for arrays of more than one dimension
     */
    public void step(float rate, float decay) {
        steps++;
        double scale = rate * Math.sqrt(1 - Math.pow(BETA2, steps)) / (1 - Math.pow(BETA1, steps));
        for (int i = 0; i < parameters.size(); i++) {
            NDArray array = parameters.get(i).array();
            try (NDScope scope = new NDScope()) {
                NDArray gradient = array.getGradient();
                first.get(i).muli(BETA1).addi(gradient.mul(1 - BETA1));
                second.get(i).muli(BETA2).addi(gradient.square().mul(1 - BETA2));
                NDArray change = first.get(i).div(second.get(i).sqrt().add(EPSILON)).mul(scale);
                NDArray values = array.stopGradient();
                if (decay > 0 && array.getShape().dimension() > 1) {
                    values.muli(1 - rate * decay);
                }
                values.subi(change);
                gradient.muli(0);
                scope.suppressNotUsedWarning();
            }
        }
    }

    /** Returns the state by name, for a checkpoint. */
    public Map<String, float[]> state() {
        Map<String, float[]> state = new TreeMap<>();
        state.put("steps", new float[]{steps});
        for (int i = 0; i < parameters.size(); i++) {
            state.put(parameters.get(i).name() + "/first", first.get(i).toFloatArray());
            state.put(parameters.get(i).name() + "/second", second.get(i).toFloatArray());
        }
        return state;
    }

    /** Puts a saved state back. */
    public void restore(Map<String, float[]> state) {
        steps = (long) state.get("steps")[0];
        for (int i = 0; i < parameters.size(); i++) {
            first.get(i).set(state.get(parameters.get(i).name() + "/first"));
            second.get(i).set(state.get(parameters.get(i).name() + "/second"));
        }
    }
}
