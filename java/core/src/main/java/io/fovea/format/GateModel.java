package io.fovea.format;

import io.fovea.format.GateSpec.Trunk;
import io.fovea.graph.Graph;
import io.fovea.graph.Shape;
import java.util.List;
import java.util.Set;

/**
 * An objectness gate as it comes from a file. Immutable, thread-safe.
 *
 * @param heads graphs whose inputs are named like the values that the spec reads, each of which is read by one graph; or, for a trunk of its
 * own, one graph that starts from the picture. Every output is a map of one channel of logits that spans the whole picture; a cell's logit is
 * the sum of all maps at its centre.
 * @param spec what the weights do not say
 * @param glance a smaller gate that is asked first, or null
 */
public record GateModel(List<Graph> heads, GateSpec spec, Glance glance) {
    public GateModel {
        heads = List.copyOf(heads);
        if (glance != null && !glance.gate().spec().detector().equals(spec.detector())) {
            throw new ModelFormatException("glance: was made for detector '" + glance.gate().spec().detector()
                    + "', the gate for '" + spec.detector() + "'");
        }
        boolean own = spec.trunk() == Trunk.OWN;
        List<String> inputs = heads.stream().flatMap(h -> h.inputs().stream()).toList();
        if (own
                ? inputs.size() != 1
                : inputs.size() != spec.reads().size() || !Set.copyOf(inputs).equals(Set.copyOf(spec.reads()))) {
            throw new ModelFormatException(own
                    ? "a gate with a trunk of its own has one input, the picture; this one has " + inputs
                    : "the gate's graph reads " + inputs + ", its spec says " + spec.reads());
        }
        if (own) {
            Shape in = heads.getFirst().inputShape();
            if (in.height() != spec.inputHeight() || in.width() != spec.inputWidth() || in.channels() != 3) {
                throw new ModelFormatException("the gate's graph starts from " + in + ", its spec says "
                        + spec.inputHeight() + "x" + spec.inputWidth() + "x3");
            }
        }
        for (Graph head : heads) {
            for (String output : head.outputs()) {
                if (head.shape(output).channels() != 1) {
                    throw new ModelFormatException("output '" + output + "' of the gate is " + head.shape(output)
                            + "; a map of one channel of logits is needed");
                }
            }
        }
    }

    /** A gate without a glance. */
    public GateModel(List<Graph> heads, GateSpec spec) {
        this(heads, spec, null);
    }

    /**
     * Checks that the gate was made for a detector.
     *
     * @throws ModelFormatException if it is for another one, or names values that the detector does not have
     */
    public void checkFits(Model detector) {
        if (!spec.detector().equals(detector.spec().name())) {
            throw new ModelFormatException("the gate was made for detector '" + spec.detector() + "', this is '"
                    + detector.spec().name() + "'");
        }
        for (String value : spec.reads()) {
            if (!ModelCheck.has(detector.graph(), value)) {
                throw new ModelFormatException("the gate reads '" + value + "', and the net has no such value");
            }
        }
        spec.peripheral().forEach(
                (value, line) -> ModelCheck.fits("gate", detector.graph(), "peripheral", value, line.a().length));
    }

    /** Returns the gate with another spec. */
    public GateModel with(GateSpec other) {
        return new GateModel(heads, other, glance);
    }

    /**
     * Returns the gate with another glance, or none for null.
     *
     * @throws ModelFormatException if it was made for another detector
     */
    public GateModel with(Glance other) {
        return new GateModel(heads, spec, other);
    }
}
