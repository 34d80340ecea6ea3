package io.fovea.format;

import io.fovea.format.GateSpec.Trunk;

/**
 * A small gate that is asked before another one: of photos that are full of objects a mask saves less than the other gate costs. Immutable,
 * thread-safe.
 *
 * @param gate with a trunk of its own and no glance
 * @param share share of the cells, in (0, 1], from which on its mask counts as the whole picture
 */
public record Glance(GateModel gate, float share) {
    /** Key of the small gate's file, in base64, in a gate file's {@code metadata_props}. */
    public static final String METADATA_KEY = "fovea.glance.onnx";
    /** Key of the share. */
    public static final String SHARE_KEY = "fovea.glance.share";

    public Glance {
        if (!(share > 0 && share <= 1)) {
            throw new ModelFormatException("glance: share " + share + " is not within (0, 1]");
        }
        if (gate.spec().trunk() != Trunk.OWN) {
            throw new ModelFormatException("glance: a gate with a trunk of its own is needed");
        }
        if (gate.glance() != null) {
            throw new ModelFormatException("glance: carries another glance");
        }
    }
}
