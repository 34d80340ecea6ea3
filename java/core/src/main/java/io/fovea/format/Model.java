package io.fovea.format;

import io.fovea.graph.Graph;

/**
 * A detector as it comes from a file: the net and what its weights do not say.
 *
 * @param graph the net; its outputs are the spec's boxes and scores
 * @param spec how its input is made and its outputs are read
 * @param calibration what was measured for it on plain photos
 * @param gate the objectness gate that it carries, or null
 */
public record Model(Graph graph, DetectorSpec spec, Calibration calibration, GateModel gate) {

    /** Makes a model without a gate. */
    public Model(Graph graph, DetectorSpec spec, Calibration calibration) {
        this(graph, spec, calibration, null);
    }

    /** Makes a model without calibration and gate. */
    public Model(Graph graph, DetectorSpec spec) {
        this(graph, spec, Calibration.NONE, null);
    }

    /** Returns the model with another calibration. */
    public Model with(Calibration other) {
        return new Model(graph, spec, other, gate);
    }

    /** Returns the model with another gate, or null for none. */
    public Model with(GateModel other) {
        return new Model(graph, spec, calibration, other);
    }
}
